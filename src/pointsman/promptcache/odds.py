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

Kind = Literal["opening", "task", "turn", "loop", "repeat", "shared"]
"""opening: first message, without tools. task: first message, with tools that the model may call as it likes.
turn: a person goes on with a conversation. loop: a tool's result goes back. repeat: the same prompt again.
shared: tools and instructions, as the beginning of other conversations."""


class Odds(msgspec.Struct, frozen=True, gc=False):
    """Probabilities."""

    soon: float
    later: float


FIRST_GUESS: dict[Kind, Odds] = {
    "opening": Odds(0.05, 0.1),
    "task": Odds(0.8, 0.85),
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
OTHERS = 4.0
OWN_OTHERS = 2.0
"""What was counted for all kinds together says as much about one of them as so many uses of it, at most."""
MOST_TRIALS = 64.0
"""The past is halved at so many, so that a change of habits is followed."""


class Tally:
    """Counts of what followed a use."""

    __slots__ = ("later_hits", "later_trials", "soon_hits", "soon_trials")

    def __init__(self) -> None:
        self.soon_trials = 0.0
        self.soon_hits = 0.0
        self.later_trials = 0.0
        self.later_hits = 0.0

    def soon(self, hit: bool) -> None:
        if self.soon_trials >= MOST_TRIALS:
            self.soon_trials /= 2
            self.soon_hits /= 2
        self.soon_trials += 1
        self.soon_hits += hit

    def later(self, hit: bool) -> None:
        if self.later_trials >= MOST_TRIALS:
            self.later_trials /= 2
            self.later_hits /= 2
        self.later_trials += 1
        self.later_hits += hit

    def odds(self, before: Odds, weight: float, most: float = MOST_TRIALS) -> Odds:
        """With what was known before, as if it were so many uses (the mean of a beta distribution).

        Args:
            most: what was counted here counts for no more than so many.
        """
        soon, later = self.soon_trials, self.later_trials
        share = most / soon if soon > most else 1.0
        near = (before.soon * weight + self.soon_hits * share) / (weight + soon * share)
        share = most / later if later > most else 1.0
        far = (before.later * weight + self.later_hits * share) / (weight + later * share)
        return Odds(near, far if far > near else near)
