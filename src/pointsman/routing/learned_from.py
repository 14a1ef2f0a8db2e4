"""Which prompts a router was trained on: as far as a few kilobytes in its file can tell.

Each prompt has a mark of 32 bits, and kept are the least ones. Of other prompts those whose marks are no
greater than the greatest that is kept can be told: they are there, or they were not learned from. These are
as good as drawn at random, so a few dozen of them show whether labels are those of the training.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from zlib import crc32

import msgspec

from .features import Features

MOST = 4096
_HIGHEST = (1 << 32) - 1


class Overlap(msgspec.Struct, frozen=True):
    told: int
    """Prompts of which it can be told whether they were learned from."""
    known: int
    """Of these, those that were."""

    @property
    def is_most(self) -> bool:
        """More than half; a few copies among many prompts are no matter."""
        return self.known > max(self.told // 2, 4)


def mark_of(features: Features) -> int:
    """The same for the same words and pairs of words, wherever the prompt comes from."""
    return crc32(features.pairs, crc32(features.words))


def learned_from(features: Iterable[Features]) -> bytes:
    """The least ``MOST`` marks, ascending, each as four bytes, the lowest first."""
    marks = array("I", sorted({mark_of(each) for each in features})[:MOST])
    return _little(marks).tobytes()


def overlap(learned: bytes, prompts: Iterable[Features]) -> Overlap:
    marks = set(_little(array("I", learned)))
    highest = max(marks) if len(marks) == MOST else _HIGHEST if marks else -1
    asked = [mark for mark in map(mark_of, prompts) if mark <= highest]
    return Overlap(len(asked), sum(mark in marks for mark in asked))


def _little(marks: array[int]) -> array[int]:
    if sys.byteorder == "big":
        marks.byteswap()
    return marks
