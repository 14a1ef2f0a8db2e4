"""What was sent and may be sent again: each use, and what was counted of all. Pure."""

from __future__ import annotations

from pointsman.costs import PicoUsd

from .odds import LATER, MOST_TRIALS, SOON, Kind, Odds, Tally
from .stake import Stake

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

    def odds(self, kind: Kind, before: Odds, weight: float, others: float, most: float = MOST_TRIALS) -> Odds:
        """
        Args:
            before: what was known; it counts as ``weight`` uses.
            others: so many uses other kinds count for at most, and ``most`` the kind itself.
        """
        if kind not in _APART:
            before = self.all.odds(before, weight, others)
        found = self.kinds.get(kind)
        return before if found is None else found.odds(before, weight, most)


class Use:
    """Something that was sent and may be used again. One object for each use."""

    __slots__ = ("at", "followed", "lapsed", "pledged", "stake", "tallies", "worth")

    def __init__(self, at: float, tallies: tuple[Tally, ...], stake: Stake | None = None) -> None:
        self.at = at
        self.tallies = tallies
        self.stake = stake
        """Of its kind, where others of that kind cannot be told from those that are never followed."""
        self.pledged: PicoUsd = 0
        self.worth: PicoUsd = 0
        """What it saves to have it written, if it is followed."""
        self.followed = False
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
        if self.stake is not None and gap <= LATER:
            self.stake.prove(self.worth, self.pledged, lost=self.lapsed)
        for tally in self.tallies:
            if gap <= SOON:
                tally.soon()
            elif gap <= LATER:
                tally.later()

    def lapse(self) -> None:
        """Too late for soon."""
        if not (self.followed or self.lapsed):
            self.lapsed = True
            if self.stake is not None:
                self.stake.lose(self.pledged)
            for tally in self.tallies:
                tally.not_soon()

    def admits(self, premium: PicoUsd) -> bool:
        """Whether so much may be written for it now."""
        return self.stake is None or self.stake.admits(premium, self.pledged)

    def pledge(self, premium: PicoUsd) -> None:
        """So much is written for it that is not proven to be read. In place of what was written before."""
        if self.stake is not None and not (self.followed or self.lapsed):
            self.stake.release(self.pledged)
            self.stake.pledge(premium)
            self.pledged = premium
