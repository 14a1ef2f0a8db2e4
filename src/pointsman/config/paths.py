"""Where files lie that the settings do not place. Pure: the environment is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pointsman.config.settings import Settings

DATABASE_NAME = "pointsman.db"


def data_directory(environment: Mapping[str, str]) -> Path:
    """``$XDG_DATA_HOME/pointsman``, which is ``~/.local/share/pointsman`` unless set (XDG Base Directory
    Specification 0.8); on Windows, ``%LOCALAPPDATA%\\pointsman``. With no home at all, the working directory.
    """
    given = environment.get("XDG_DATA_HOME", "")
    if given and Path(given).is_absolute():  # the specification says to leave relative ones alone
        return Path(given) / "pointsman"
    if environment.get("LOCALAPPDATA"):
        return Path(environment["LOCALAPPDATA"]) / "pointsman"
    home = environment.get("HOME")
    return Path(home) / ".local" / "share" / "pointsman" if home else Path()


def database_path(settings: Settings, environment: Mapping[str, str]) -> Path:
    """The file of the SQLite database: ``storage.path``, else one in the user's data directory."""
    if settings.storage.path is not None:
        home = environment.get("HOME", "~")
        path = settings.storage.path
        return Path(home + path[1:]) if path.startswith("~/") else Path(path)
    return data_directory(environment) / DATABASE_NAME
