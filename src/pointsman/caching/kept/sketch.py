"""How often each of many keys was asked for of late, in a small fixed space. Pure.

A count-min sketch (Cormode and Muthukrishnan 2005) with conservative update (Estan and Varghese 2002): four
counters for each key, of which only the least are raised. They stop at 15, and all are halved after a number
of touches, so that what was popular long ago is forgotten (Einziger, Friedman and Manes, "TinyLFU", 2017).
"""

from __future__ import annotations

from struct import Struct

_MOST = 15
_HALVES = bytes(value >> 1 for value in range(256))
_SLICE = 65_536
"""Counters that are halved at a time, in some 0.1 ms: all of a million would hold up a request for 10 ms."""
_four = Struct("<4I").unpack_from


class Sketch:
    """
    Args:
        width: counters in each of the four rows; a power of two.
    """

    __slots__ = ("_halved", "_mask", "_table", "_width", "touches")

    def __init__(self, width: int) -> None:
        if width < 1 or width & (width - 1):
            raise ValueError("the width of a sketch is a power of two")
        self._width = width
        self._mask = width - 1
        self._table = bytearray(4 * width)
        self._halved = 0
        """How many counters are, where not all are yet."""
        self.touches = 0
        """Since the counters were last halved."""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self._table)

    def touch(self, key: bytes) -> None:
        """Count a request for ``key``: a digest, of which the first 16 bytes are taken as random."""
        self.touches += 1
        table, mask, width = self._table, self._mask, self._width
        a, b, c, d = _four(key)
        a &= mask
        b = width + (b & mask)
        c = 2 * width + (c & mask)
        d = 3 * width + (d & mask)
        least = min(table[a], table[b], table[c], table[d])
        if least < _MOST:
            more = least + 1
            if table[a] < more:
                table[a] = more
            if table[b] < more:
                table[b] = more
            if table[c] < more:
                table[c] = more
            if table[d] < more:
                table[d] = more

    def estimate(self, key: bytes) -> int:
        """Never below what was counted since the last halving, up to 15."""
        table, mask, width = self._table, self._mask, self._width
        a, b, c, d = _four(key)
        least: int = min(
            table[a & mask],
            table[width + (b & mask)],
            table[2 * width + (c & mask)],
            table[3 * width + (d & mask)],
        )
        return least

    def age(self) -> None:
        """Halve the next of the counters. When all have had their turn, so has the number of touches."""
        table, begin = self._table, self._halved
        end = min(begin + _SLICE, len(table))
        table[begin:end] = table[begin:end].translate(_HALVES)
        if end < len(table):
            self._halved = end
        else:
            self._halved = 0
            self.touches //= 2
