"""SQLite files to test with."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def copied(source: Path, target: Path) -> None:
    """Put all of a database in the place of another, which others may have open."""
    one, two = sqlite3.connect(source), sqlite3.connect(target)
    one.backup(two)
    one.close()
    two.close()
