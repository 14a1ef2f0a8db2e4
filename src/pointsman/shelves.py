"""A table for a million small rows that are seldom looked at: bytes under bytes, and little beside them.

A dict of as many bytes takes two hundred more for each, and stops everything while it grows. Here rows stand
end to end on many shelves, which the first two bytes of their keys choose. To find a row is one search in
about a thousand bytes; to change one is to write its shelf anew. So keys must be evenly spread, and long
enough that no other bytes look like one by chance: digests of at least 16 bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

SHELVES = 1 << 16
_SIZE = 4
"""Bytes before each value that say how long it is."""
_LEAST_WIDTH = 16


class Shelves:
    """Rows by their keys.

    Args:
        width: bytes of each key.
    """

    __slots__ = ("_count", "_counts", "_shelves", "_width")

    def __init__(self, width: int) -> None:
        if width < _LEAST_WIDTH:
            raise ValueError(f"a key of {width} bytes may look like others by chance; take {_LEAST_WIDTH}")
        self._width = width
        self._shelves: list[bytes] = []
        """None before the first row: many tables stay empty."""
        self._counts = array("L")
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def get(self, key: bytes) -> bytes | None:
        """The row's value."""
        if not self._count:
            return None
        shelf = self._shelves[_place(key)]
        at = shelf.find(key)
        if at < 0:
            return None
        start = at + self._width + _SIZE
        return shelf[start : start + int.from_bytes(shelf[start - _SIZE : start], "big")]

    def put(self, key: bytes, value: bytes) -> None:
        """Add a row, or give it another value."""
        self._set_up()
        self.pop(key)
        place = _place(key)
        self._shelves[place] += self._row(key, value)
        self._counts[place] += 1
        self._count += 1

    def pop(self, key: bytes) -> bytes | None:
        """Take a row away. Returns its value."""
        value = self.get(key)
        if value is not None:
            place = _place(key)
            before, _, after = self._shelves[place].partition(key)
            self._shelves[place] = before + after[_SIZE + len(value) :]
            self._counts[place] -= 1
            self._count -= 1
        return value

    def rows(self, place: int) -> Iterator[tuple[bytes, bytes]]:
        """All keys and values of one shelf."""
        if not self._count:
            return
        shelf, width = self._shelves[place], self._width
        at = 0
        while at < len(shelf):
            start = at + width + _SIZE
            end = start + int.from_bytes(shelf[start - _SIZE : start], "big")
            yield shelf[at : at + width], shelf[start:end]
            at = end

    def fill(self, place: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Let these, which belong there and are all different, be all that is on one shelf."""
        self._set_up()
        made = [self._row(key, value) for key, value in rows]
        self._shelves[place] = b"".join(made)
        self._count += len(made) - self._counts[place]
        self._counts[place] = len(made)

    def clear(self, first: int, end: int) -> None:
        """Leave nothing on the shelves from ``first`` up to ``end``."""
        for place in range(first, end if self._count else first):
            if self._counts[place]:
                self.fill(place, ())

    def _set_up(self) -> None:
        if not self._shelves:
            self._shelves = [b""] * SHELVES
            self._counts = array("L", bytes(SHELVES * self._counts.itemsize))

    def _row(self, key: bytes, value: bytes) -> bytes:
        return b"%b%b%b" % (key, len(value).to_bytes(_SIZE, "big"), value)


class Renewal:
    """Puts other rows in the place of all, one shelf after another, while the table is in use.

    The rows must come in the order of their keys, so that nothing is kept twice.
    """

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self._place = 0
        self._rows: list[tuple[bytes, bytes]] = []

    def add(self, key: bytes, value: bytes) -> None:
        """The next row. Raises ValueError where it should have come before."""
        place = _place(key)
        if place != self._place:
            self._go_to(place)
        if self._rows and key <= self._rows[-1][0]:
            raise ValueError("rows must come in the order of their keys")
        self._rows.append((key, value))

    def finish(self) -> None:
        """There are no more."""
        self._go_to(SHELVES)

    def _go_to(self, place: int) -> None:
        if place < self._place:
            raise ValueError("rows must come in the order of their keys")
        if self._place < place:
            self._shelves.fill(self._place, self._rows)
            self._rows = []
            self._shelves.clear(self._place + 1, place)
            self._place = place


def _place(key: bytes) -> int:
    return key[0] << 8 | key[1]
