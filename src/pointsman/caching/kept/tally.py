"""How often the cache had an answer, by key and route, and what that saved. Pure."""

from __future__ import annotations

import msgspec

OTHERS = ("others", "others")
"""Where the rest is counted once there are too many lines."""


class Line(msgspec.Struct, gc=False):
    """Counts of requests."""

    hits: int = 0
    misses: int = 0
    saved: int = 0
    """What the answers cost that were given again, in millionths of a millionth of a dollar, less what was
    charged for it."""
    unpriced: int = 0
    """Hits of answers whose cost is not known; they are not in ``saved``."""
    similar: int = 0
    """Answered with what was stored for a request that means the same."""
    coalesced: int = 0
    """Given a share of an answer that was under way."""
    bypassed: int = 0
    """Neither looked for nor stored."""
    replayed: int = 0
    """The same as another request, under its idempotency key: no look-up, and so in no rate."""

    @property
    def answered(self) -> int:
        """Requests that asked no provider."""
        return self.hits + self.similar + self.coalesced

    @property
    def rate(self) -> float | None:
        """Share of look-ups that asked no provider; None if there was none."""
        looked = self.answered + self.misses
        return self.answered / looked if looked else None

    def join(self, other: Line) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Tally:
    """
    Args:
        most: lines; callers may make up keys and routes without end, and each line takes memory.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._lines: dict[tuple[str, str], Line] = {}

    def take(self, key: str, route: str, cache: str, saved: int | None) -> None:
        """Count a request that is settled.

        Args:
            key: of the caller.
            route: name of the model, or of the route that chose it.
            cache: what the cache did, in the ledger's word.
            saved: None if the cost of the answer is not known.
        """
        line = self._line(key, route)
        if saved:
            line.saved += saved
        elif saved is None:
            line.unpriced += 1
        match cache:
            case "miss":
                line.misses += 1
            case "bypass":
                line.bypassed += 1
            case "hit":
                line.hits += 1
            case "coalesced":
                line.coalesced += 1
            case "similar":
                line.similar += 1
            case "replay":
                line.replayed += 1

    def whole(self) -> Line:
        """The sums of all."""
        sums = Line()
        for line in self._lines.values():
            sums.join(line)
        return sums

    def lines(self) -> dict[tuple[str, str], Line]:
        """By key and route, in the order in which they came up."""
        return dict(self._lines)

    def by_route(self, most: int) -> dict[str, Line]:
        """Sums over all keys; routes beyond the first ``most`` are counted together."""
        sums: dict[str, Line] = {}
        for (_, route), line in self._lines.items():
            name = route if route in sums or len(sums) < most else OTHERS[1]
            sums.setdefault(name, Line()).join(line)
        return sums

    def _line(self, key: str, route: str) -> Line:
        line = self._lines.get((key, route))
        if line is None:
            name = (key, route) if len(self._lines) < self._most else OTHERS
            line = self._lines.setdefault(name, Line())
        return line
