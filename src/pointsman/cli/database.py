"""Which database a command works on."""

from __future__ import annotations

from pathlib import Path


def choose_database(given: Path | None, config: Path | None) -> Path:
    """That of ``--db``, else that of the settings, else the one in the user's data directory.

    Raises:
        ConfigurationError: the settings cannot be read.
    """
    if given is not None:
        return given
    from pointsman.cli.environment import read_context
    from pointsman.config.paths import database_path

    context = read_context(config)
    return database_path(context.settings, context.environment)
