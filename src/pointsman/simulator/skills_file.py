"""Reads a file of skills."""

from __future__ import annotations

from pathlib import Path

from pointsman.errors import ConfigurationError

from .skills import Skills, parse_skills


def read_skills(path: Path) -> Skills:
    """Raises ConfigurationError: it cannot be read, or something in it is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The file of skills {path} cannot be read: {error}.", param="skills"
        ) from None
    return parse_skills(text, str(path))
