"""Reads a file of recorded answers."""

from __future__ import annotations

import gzip
from pathlib import Path

from pointsman.errors import ConfigurationError

from .replay import Replay, parse_replay


def read_replay(path: Path) -> Replay:
    """Read JSONL, compressed if its name ends in ``.gz``.

    Raises:
        ConfigurationError: it cannot be read, or a line is wrong.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            return parse_replay(lines, str(path))
    except (OSError, EOFError) as error:
        raise ConfigurationError(f"The replay file {path} cannot be read: {error}.", param="replay") from None
