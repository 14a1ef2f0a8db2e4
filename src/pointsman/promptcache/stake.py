"""How much may be written for first requests before it is seen that they are gone on with. Pure.

A first request looks the same whether a conversation follows or not, and many can come before the first of
them could have been followed. So what is written for them and not read yet is at stake, and that much is
limited: one at a time until one of them was followed, and then as much as those that were have been worth.
One that is not followed in time is a loss, and after it nothing is written until the loss is a small share of
all that such requests cost, or made good.

Whatever comes, first requests that are never followed cost more by no more than ``SHARE`` of their price and
one premium; a thousand at the same moment, too.
"""

from __future__ import annotations

from pointsman.costs import PicoUsd

SHARE = 200
"""A two-hundredth of what they cost may be lost on trying."""
MOST_TIMES = 16
"""No more is believed than what so many that were followed are worth: habits change."""


class Stake:
    """Of one kind of first requests of one tenant at one deployment."""

    __slots__ = ("_balance", "_held")

    def __init__(self) -> None:
        self._balance: PicoUsd = 0
        self._held: PicoUsd = 0

    def see(self, price: PicoUsd) -> None:
        """One came; ``price`` of its prompt without a cache."""
        if self._balance < 0:
            self._balance += price // SHARE

    def admits(self, premium: PicoUsd, own: PicoUsd = 0) -> bool:
        """Whether so much may be at stake with the next one.

        Args:
            own: what is held for that one already.
        """
        held = self._held - own
        return self._balance >= 0 if not held else held + premium <= self._balance

    def pledge(self, premium: PicoUsd) -> None:
        """It is written."""
        self._held += premium

    def release(self, premium: PicoUsd) -> None:
        """It was not written after all."""
        self._held -= premium

    def lose(self, premium: PicoUsd) -> None:
        """It was not followed in time."""
        self._held -= premium
        self._balance -= premium

    def prove(self, worth: PicoUsd, premium: PicoUsd, *, lost: bool) -> None:
        """It was followed, and so was worth writing, or would have been.

        Args:
            premium: what was at stake with it, if anything.
            lost: which was given up for lost before.
        """
        if lost:
            self._balance += premium
        else:
            self._held -= premium
        self._balance = min(self._balance + worth, max(self._balance, MOST_TIMES * worth))
