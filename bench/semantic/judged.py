"""What was found of a labelled pair: how near its questions are, and which guards refuse it."""

from __future__ import annotations

from typing import NamedTuple

from pointsman.caching.semantic.pairs import Pair


class Judged(NamedTuple):
    pair: Pair
    similarity: float
    strict: tuple[str, ...]
    """Guards that refuse it."""
    loose: tuple[str, ...]
    """The same with synonyms allowed."""
