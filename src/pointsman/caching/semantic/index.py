"""What has been asked, by vector: exact search among the questions that share all the rest. Bounded. Pure.

The answers are not here but in the answer cache, under the key that each entry names. An entry whose answer
is gone is dropped when that is noticed (``prune``), or pushed out as the one used the longest ago.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from sys import getsizeof

import msgspec
import numpy as np
from numpy.typing import NDArray

from .guards import Traits

_ROWS = 8
_ENTRY = 1210
"""Bytes of an entry beside its vector and its words: keys, places in tables, objects."""
_WORD = 72
_WEIGHED = 106
_NUMBERS_AT_ONCE = 1 << 20
"""Of vectors, that are compared before others may run."""


class Known(msgspec.Struct, frozen=True):
    """A question that was answered."""

    key: bytes
    """Of the answer."""
    traits: Traits


class Near(msgspec.Struct, frozen=True):
    similarity: float
    known: Known


def closest(found: list[Near], most: int) -> list[Near]:
    """The ``most`` closest, the closest first."""
    return sorted(found, key=lambda near: -near.similarity)[:most]


class _Shelf:
    """The questions of one context."""

    __slots__ = ("known", "rows", "vectors")

    def __init__(self, dimensions: int) -> None:
        self.known: list[Known] = []
        self.rows: dict[bytes, int] = {}
        self.vectors: NDArray[np.float32] = np.zeros((_ROWS, dimensions), np.float32)

    def resize(self, rows: int) -> None:
        grown = np.zeros((rows, self.vectors.shape[1]), np.float32)
        grown[: len(self.known)] = self.vectors[: len(self.known)]
        self.vectors = grown


class Index:
    """
    Args:
        max_bytes: of all that it holds, vectors included.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._shelves: dict[bytes, _Shelf] = {}
        self._used: OrderedDict[tuple[bytes, bytes], None] = OrderedDict()
        self.bytes = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._used)

    def add(self, context: bytes, vector: Sequence[float], known: Known) -> None:
        """Keep a question. One with the same key takes the place of the former.

        Args:
            vector: of length 1.
        """
        self.drop(context, known.key)
        shelf = self._shelves.get(context)
        if shelf is None:
            shelf = self._shelves[context] = _Shelf(len(vector))
            self.bytes += shelf.vectors.nbytes
        elif shelf.vectors.shape[1] != len(vector):
            return  # the model of the vectors changed under its name
        if len(shelf.known) == len(shelf.vectors):
            self._resize(shelf, 2 * len(shelf.vectors))
        at = len(shelf.known)
        shelf.vectors[at] = vector
        shelf.known.append(known)
        shelf.rows[known.key] = at
        self._used[context, known.key] = None
        self.bytes += _size(known)
        while self.bytes > self._max and self._used:
            self.drop(*next(iter(self._used)))
            self.evicted += 1

    def near(self, context: bytes, vector: Sequence[float], least: float, most: int = 32) -> list[Near]:
        """The ``most`` closest questions of that context that are at least so close, the closest first."""
        return closest([near for part in self.parts(context, vector, least, most) for near in part], most)

    def parts(
        self, context: bytes, vector: Sequence[float], least: float, most: int = 32
    ) -> Iterator[list[Near]]:
        """The same piece by piece, in no order, so that others may run in between: none of them takes much
        longer than half a millisecond. A question that is moved meanwhile may be missed."""
        shelf = self._shelves.get(context)
        if shelf is None or shelf.vectors.shape[1] != len(vector):
            return
        given = np.asarray(vector, np.float32)
        rows = max(1, _NUMBERS_AT_ONCE // len(given))
        start = 0
        while start < len(shelf.known):
            end = min(start + rows, len(shelf.known))
            # not "@": BLAS wakes its threads for it, which takes 30 times as long where the cores are busy
            close = np.einsum("ij,j->i", shelf.vectors[start:end], given)
            found = np.flatnonzero(close >= least)
            if len(found) > most:
                found = found[np.argpartition(-close[found], most)[:most]]
            yield [Near(min(1.0, float(close[at])), shelf.known[start + at]) for at in found]
            start = end

    def use(self, context: bytes, key: bytes) -> None:
        """Its answer was given: it stays longer, if it has not gone while others ran."""
        if (context, key) in self._used:
            self._used.move_to_end((context, key))

    def prune(self, alive: Callable[[bytes], bool], most: int | None = None) -> None:
        """Forget questions whose answers are gone.

        Args:
            most: so many are looked at, those that were used the longest ago; None: all.
        """
        for context, key in list(islice(self._used, most)):
            if not alive(key):
                self.drop(context, key)

    def drop(self, context: bytes, key: bytes) -> None:
        shelf = self._shelves.get(context)
        at = None if shelf is None else shelf.rows.pop(key, None)
        if shelf is None or at is None:
            return
        del self._used[context, key]
        self.bytes -= _size(shelf.known[at])
        last = shelf.known.pop()
        if at < len(shelf.known):
            shelf.known[at] = last
            shelf.vectors[at] = shelf.vectors[len(shelf.known)]
            shelf.rows[last.key] = at
        if not shelf.known:
            self.bytes -= shelf.vectors.nbytes
            del self._shelves[context]
        elif len(shelf.vectors) > _ROWS and 4 * len(shelf.known) <= len(shelf.vectors):
            self._resize(shelf, len(shelf.vectors) // 2)

    def _resize(self, shelf: _Shelf, rows: int) -> None:
        self.bytes -= shelf.vectors.nbytes
        shelf.resize(rows)
        self.bytes += shelf.vectors.nbytes


def _size(known: Known) -> int:
    seen = known.traits
    many = len(seen.words) + len(seen.literals) + len(seen.numbers) + len(seen.names) + len(seen.signs)
    many_bytes = _WORD * many + _WEIGHED * len(seen.weighed)
    return _ENTRY + many_bytes + sum(map(getsizeof, seen.literals))
