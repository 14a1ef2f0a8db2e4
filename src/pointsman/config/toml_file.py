"""Reads the settings file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pointsman.errors import ConfigurationError

DEFAULT_NAME = "pointsman.toml"


def find_file(given: Path | None, directory: Path) -> Path | None:
    """The file to read: the one that was given, else ``pointsman.toml`` in the directory, if it is there."""
    if given is not None:
        return given
    usual = directory / DEFAULT_NAME
    return usual if usual.is_file() else None


def read_toml(path: Path | None) -> dict[str, Any]:
    """The parsed file; empty for None.

    Raises:
        ConfigurationError: the file cannot be read, or is not TOML; names the file and the line.
    """
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: is not valid TOML: {error}") from None
