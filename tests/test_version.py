from __future__ import annotations

import re
from importlib.metadata import version

from pointsman.version import __version__


def test_the_package_is_built_with_the_version_of_the_source() -> None:
    assert version("pointsman") == __version__


def test_it_is_a_plain_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|(a|b|rc)\d+)?", __version__)
