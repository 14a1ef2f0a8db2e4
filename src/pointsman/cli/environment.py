"""Reads the environment and the settings file, once for each command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pointsman.config import Settings, find_file, load_settings, read_toml

CONFIG_VARIABLE = "POINTSMAN_CONFIG"


class Context(NamedTuple):
    """What a command knows of where it runs."""

    settings: Settings
    environment: Mapping[str, str]
    file: Path | None
    """The settings file that was read."""


def read_context(config: Path | None = None, overrides: Mapping[str, object] | None = None) -> Context:
    """Settings from the command line, the environment and the file.

    Args:
        config: the file that ``--config`` names; else ``POINTSMAN_CONFIG``, else ``pointsman.toml`` here.
        overrides: options of the command line by the path of their setting; None is "not given".

    Raises:
        ConfigurationError: the file cannot be read, or a setting is wrong.
    """
    environment = dict(os.environ)
    named = environment.get(CONFIG_VARIABLE)
    file = find_file(config or (Path(named) if named else None), Path.cwd())
    return Context(load_settings(environment, read_toml(file), overrides), environment, file)


def gateway_url(settings: Settings) -> str:
    """Where a gateway with these settings is reached from its own machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.server.host, settings.server.host)
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{settings.server.port}"
