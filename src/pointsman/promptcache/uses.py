"""What was sent and may be sent again: each use, and what was counted of all. Pure."""

from __future__ import annotations

from .odds import LATER, SOON, Kind, Odds, Tally

_APART: frozenset[Kind] = frozenset({"opening", "joined", "shared"})
"""They say nothing of how soon a conversation goes on that is known to do so."""


class Counts:
    """Of one tenant at one deployment, or of one conversation: of all kinds of requests, and of each."""

    __slots__ = ("all", "kinds")

    def __init__(self) -> None:
        self.all = Tally()
        """Of those within conversations."""
        self.kinds: dict[Kind, Tally] = {}

    def of(self, kind: Kind) -> tuple[Tally, ...]:
        """Where a request of that kind is counted."""
        found = self.kinds.get(kind)
        if found is None:
            found = self.kinds[kind] = Tally()
        return (found,) if kind in _APART else (found, self.all)

    def odds(self, kind: Kind, before: Odds, weight: float, others: float) -> Odds:
        """``before``: what was known; it counts as ``weight`` uses, and other kinds as ``others`` at most."""
        if kind not in _APART:
            before = self.all.odds(before, weight, others)
        found = self.kinds.get(kind)
        return before if found is None else found.odds(before, weight)


class Use:
    """Something that was sent and may be used again. One object for each use."""

    __slots__ = ("at", "doubted", "followed", "lapsed", "tallies")

    def __init__(self, at: float, tallies: tuple[Tally, ...]) -> None:
        self.at = at
        self.tallies = tallies
        self.followed = False
        self.doubted = False
        self.lapsed = False
        """It was not followed soon."""

    def follow(self, now: float) -> None:
        """It was used again."""
        if self.followed:
            return
        gap = now - self.at
        if gap > SOON:
            self.lapse()
        self.followed = True
        self._trust()
        for tally in self.tallies:
            if gap <= SOON:
                tally.soon()
            elif gap <= LATER:
                tally.later()

    def doubt(self) -> None:
        """It could have been followed by now."""
        if not (self.followed or self.lapsed or self.doubted):
            self.doubted = True
            for tally in self.tallies:
                tally.doubt(0.5)

    def _trust(self) -> None:
        if self.doubted:
            self.doubted = False
            for tally in self.tallies:
                tally.doubt(-0.5)

    def lapse(self) -> None:
        """Too late for soon."""
        if not (self.followed or self.lapsed):
            self._trust()
            self.lapsed = True
            for tally in self.tallies:
                tally.not_soon()
