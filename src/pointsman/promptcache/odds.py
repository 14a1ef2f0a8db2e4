"""How likely a prompt's beginning is used again: counted by kind of request, with a guess to start from.

A use is *soon* if the next one comes while an entry of 5 minutes is still there, *later* if within the life
of one of an hour. Both are cumulative: what comes soon comes later too.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SOON = 290.0
LATER = 3580.0
"""Seconds between two uses; less than the lives of the entries by what a request may take to get there."""

Kind = Literal["opening", "task", "joined", "turn", "loop", "repeat", "shared"]
"""opening: first message, without tools. task: first message, with tools that the model may call as it likes.
joined: in the midst of a conversation that is not known, be it that we were away, or that its client writes
what was said anew each time. turn: a person goes on with a conversation. loop: a tool's result goes back.
repeat: the same prompt again. shared: tools and instructions, as the beginning of other conversations."""


class Odds(msgspec.Struct, frozen=True, gc=False):
    """Probabilities."""

    soon: float
    later: float


FIRST_GUESS: dict[Kind, Odds] = {
    "opening": Odds(0.05, 0.1),
    "task": Odds(0.8, 0.85),
    "joined": Odds(0.35, 0.45),
    "turn": Odds(0.6, 0.7),
    "loop": Odds(0.9, 0.92),
    "repeat": Odds(0.5, 0.6),
    "shared": Odds(0.05, 0.1),
}
"""Before anything was counted. Cautious where a prompt may well be the only one of its kind; who brings tools
comes back with their results."""

GUESS_WEIGHT = 4.0
OWN_WEIGHT = 1.0
"""So many uses count as much as what was known before: of a tenant, and of one conversation."""
LATE_WEIGHT = 1.0
"""The same, of those that are not followed soon: they are few."""
OTHERS = 4.0
OWN_OTHERS = 2.0
"""What was counted for all kinds together says as much about one of them as so many uses of it, at most."""
MOST_TRIALS = 64.0
"""The past is halved at so many, so that a change of habits is followed."""


class Tally:
    """Counts of what followed a use: of all uses how many soon, and of those that were not, how many later.

    One that was not followed soon counts as not followed later either, until it is: whoever sends many that
    are never followed is found out after minutes, not after an hour.
    """

    __slots__ = ("late_hits", "late_trials", "soon_hits", "soon_trials")

    def __init__(self) -> None:
        self.soon_trials = 0.0
        self.soon_hits = 0.0
        self.late_trials = 0.0
        self.late_hits = 0.0

    def soon(self) -> None:
        """Followed soon."""
        self._try()
        self.soon_hits += 1

    def not_soon(self) -> None:
        self._try()
        if self.late_trials >= MOST_TRIALS:
            self.late_trials /= 2
            self.late_hits /= 2
        self.late_trials += 1

    def later(self) -> None:
        """One of those that were not followed soon was followed after all."""
        self.late_hits = min(self.late_hits + 1, self.late_trials)

    @property
    def followed(self) -> bool:
        """Any was."""
        return self.soon_hits > 0 or self.late_hits > 0

    def odds(self, before: Odds, weight: float, most: float = MOST_TRIALS) -> Odds:
        """With what was known before, as if it were so many uses (the mean of a beta distribution).

        Args:
            most: what was counted here counts for no more than so many.
        """
        trials = self.soon_trials
        share = most / trials if trials > most else 1.0
        soon = (before.soon * weight + self.soon_hits * share) / (weight + trials * share)
        trials = self.late_trials
        share = most / trials if trials > most else 1.0
        late = (before.later - before.soon) / (1 - before.soon) if before.soon < 1 else 0.0
        weight = min(weight, LATE_WEIGHT)
        late = (late * weight + self.late_hits * share) / (weight + trials * share)
        return Odds(soon, soon + (1 - soon) * late)

    def _try(self) -> None:
        if self.soon_trials >= MOST_TRIALS:
            self.soon_trials /= 2
            self.soon_hits /= 2
        self.soon_trials += 1
