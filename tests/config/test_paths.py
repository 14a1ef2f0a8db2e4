from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.config import database_path, load_settings
from pointsman.config.paths import data_directory


@pytest.mark.parametrize(
    ("environment", "directory"),
    [
        ({"HOME": "/home/a"}, "/home/a/.local/share/pointsman"),
        ({"HOME": "/home/a", "XDG_DATA_HOME": "/data"}, "/data/pointsman"),
        ({"HOME": "/home/a", "XDG_DATA_HOME": "data"}, "/home/a/.local/share/pointsman"),
        ({"HOME": "/home/a", "XDG_DATA_HOME": ""}, "/home/a/.local/share/pointsman"),
        ({"LOCALAPPDATA": "/local"}, "/local/pointsman"),
        ({}, "."),
    ],
)
def test_data_lies_where_the_platform_keeps_it(environment: dict[str, str], directory: str) -> None:
    assert data_directory(environment) == Path(directory)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (None, "/home/a/.local/share/pointsman/pointsman.db"),
        ("/var/lib/x.db", "/var/lib/x.db"),
        ("x.db", "x.db"),
        ("~/x.db", "/home/a/x.db"),
    ],
)
def test_the_database_is_where_the_settings_say(written: str | None, path: str) -> None:
    settings = load_settings({}, {"storage": {"path": written} if written else {}})
    assert database_path(settings, {"HOME": "/home/a"}) == Path(path)
