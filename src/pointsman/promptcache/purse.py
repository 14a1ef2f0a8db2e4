"""What may be lost on breakpoints: losses are paid from gains, and from a small sum at the start.

Before anything is written, the most that it can lose is set aside. When the call is settled, what was set
aside comes back, together with what the call earned or lost. Nothing is written that is not covered, so all
calls together never cost more than without breakpoints by more than the sum at the start.
"""

from __future__ import annotations

from pointsman.costs import PicoUsd

MOST_TIMES = 10
"""Gains are kept up to so many times the sum at the start: what was gained once cannot all be lost later."""


class Purse:
    __slots__ = ("_held", "_left", "_most")

    def __init__(self, start: PicoUsd) -> None:
        self._left = start
        self._held = 0
        self._most = start * MOST_TIMES

    @property
    def free(self) -> PicoUsd:
        """What may still be risked."""
        return self._left - self._held

    def hold(self, premium: PicoUsd) -> bool:
        """Set it aside, if there is as much."""
        if premium > self.free:
            return False
        self._held += premium
        return True

    def settle(self, premium: PicoUsd, earned: PicoUsd) -> None:
        """What was held is known: ``earned`` is negative where it was lost."""
        self._held -= premium
        self._left = min(self._most, self._left + earned)
