"""``python -m pointsman`` is the command."""

from __future__ import annotations

import subprocess
import sys

from pointsman import __version__


def test_it_is_the_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pointsman", "--version"], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == f"pointsman {__version__}"
