from __future__ import annotations

import re
from pathlib import Path

from tests.support.commands import rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "commands.md"


def test_every_command_and_option_has_its_row() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    documented = [line for line in lines if line.startswith("| `")]
    assert documented == list(rows()), "print the rows with: python -m tests.support.commands"


def test_no_help_has_brackets_that_would_be_read_as_markup() -> None:
    """``[auto.NAME]`` in a help text is a style to rich, and vanishes."""
    swallowed = [row for row in rows() if re.search(r"\[(?!default:)[a-z]", row)]
    assert not swallowed
