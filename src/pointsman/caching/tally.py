"""How often the cache had an answer, by key and route, and what that saved. Pure."""

from __future__ import annotations

import msgspec

OTHERS = ("others", "others")
"""Where the rest is counted once there are too many lines."""


class Line(msgspec.Struct, gc=False):
    hits: int = 0
    misses: int = 0
    saved: int = 0
    """What the stored answers cost when they were made, in millionths of a millionth of a dollar."""
    unpriced: int = 0
    """Hits of answers whose cost is not known; they are not in ``saved``."""

    @property
    def rate(self) -> float | None:
        """Share of look-ups that hit; None if there was none."""
        looked = self.hits + self.misses
        return self.hits / looked if looked else None


class Tally:
    """
    Args:
        most: lines; callers may make up keys and routes without end, and each line takes memory.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._lines: dict[tuple[str, str], Line] = {}

    def hit(self, key: str, route: str, saved: int | None) -> None:
        """
        Args:
            key: id of the caller's key.
            route: name of the model, or of the route that chose it.
            saved: None if the cost of the answer is not known.
        """
        line = self._line(key, route)
        line.hits += 1
        if saved is None:
            line.unpriced += 1
        else:
            line.saved += saved

    def miss(self, key: str, route: str) -> None:
        self._line(key, route).misses += 1

    def lines(self) -> dict[tuple[str, str], Line]:
        """By key and route."""
        return dict(self._lines)

    def by_key(self) -> dict[str, Line]:
        return self._summed(0)

    def by_route(self) -> dict[str, Line]:
        return self._summed(1)

    def _line(self, key: str, route: str) -> Line:
        line = self._lines.get((key, route))
        if line is None:
            name = (key, route) if len(self._lines) < self._most else OTHERS
            line = self._lines.setdefault(name, Line())
        return line

    def _summed(self, which: int) -> dict[str, Line]:
        sums: dict[str, Line] = {}
        for names, line in self._lines.items():
            total = sums.setdefault(names[which], Line())
            total.hits += line.hits
            total.misses += line.misses
            total.saved += line.saved
            total.unpriced += line.unpriced
        return sums
