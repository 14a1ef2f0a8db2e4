"""``slots``: so many calls at once. Taken with the reservation, given back when it is settled."""

from __future__ import annotations

import msgspec

from pointsman.limits.values.limit import NEVER, UNKNOWN, Level, Limit


class Slots(msgspec.Struct, gc=False):
    """The places of one limit. Time is of no matter to them."""

    held: int = 0

    @classmethod
    def new(cls, limit: Limit, now: int) -> Slots:
        """All of them free."""
        return cls()

    def wait_us(self, limit: Limit, amount: int, now: int) -> int:
        """0 if ``amount`` fits now, ``UNKNOWN`` until calls end, ``NEVER`` if it is more than the limit."""
        if self.held + amount <= limit.amount:
            return 0
        return NEVER if amount > limit.amount else UNKNOWN

    def take(self, limit: Limit, amount: int, now: int) -> int:
        """Take ``amount`` and answer 0; or take nothing, and answer as ``wait_us`` does."""
        if self.held + amount > limit.amount:
            return NEVER if amount > limit.amount else UNKNOWN
        self.held += amount
        return 0

    def undo(self, amount: int, now: int) -> None:
        """Give back what was taken a moment ago."""
        self.held -= amount

    def settle(self, reserved: int, used: int, at_us: int, now: int) -> None:
        """Give back all that was reserved, whatever was used."""
        self.held -= reserved

    def charge(self, limit: Limit, amount: int, now: int) -> None:
        """Does nothing: nobody would ever give it back."""

    def level(self, limit: Limit, now: int) -> Level:
        """How it stands."""
        return Level(limit, self.held, self.held, 0)

    def idle(self, now: int) -> bool:
        """Whether it is as good as new, and may be forgotten."""
        return not self.held
