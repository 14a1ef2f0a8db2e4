"""``refill``: a bucket that what was taken flows back into, evenly, over a minute.

What is used is counted in units of 1/60,000,000, so that a limit of C a minute flows back at exactly C units
a microsecond and nothing is ever rounded. The whole state is one number, ``mark = used + now · C``, which
stays as it is while time goes by: a bucket that nobody touches costs no work.
"""

from __future__ import annotations

import msgspec

from pointsman.limits.values.limit import MINUTE_US, NEVER, Level, Limit


class Refill(msgspec.Struct, gc=False):
    """One bucket. ``now`` never runs backwards; the store sees to that.

    There may be millions, so they are kept from the garbage collector, which would look at each of them again
    and again: they hold nothing but numbers.
    """

    amount: int
    """What flows back: units a microsecond."""
    mark: int
    held: int = 0
    """What calls under way have reserved, in whole tokens or requests."""

    @classmethod
    def new(cls, limit: Limit, now: int) -> Refill:
        """A full one."""
        return cls(limit.amount, now * limit.amount)

    def wait_us(self, limit: Limit, amount: int, now: int) -> int:
        """Microseconds until ``amount`` fits, 0 if it does now, ``NEVER`` if it is more than the limit."""
        per_us = limit.amount
        if per_us != self.amount:
            self._change(per_us, now)
        if amount > per_us:
            return NEVER
        used = self.mark - now * per_us
        if used <= 0:
            return 0
        over = used + amount * MINUTE_US - per_us * (MINUTE_US - limit.slack_us)
        if over <= 0:
            return 0
        return -(-min(over, used) // per_us)  # where all of it is more than the bucket holds, once it is full

    def take(self, limit: Limit, amount: int, now: int) -> int:
        """Take ``amount`` and answer 0; or take nothing, and answer as ``wait_us`` does."""
        per_us = limit.amount
        if per_us != self.amount:
            self._change(per_us, now)
        if amount > per_us:
            return NEVER
        taken = amount * MINUTE_US
        full = now * per_us
        over = self.mark - full
        if over <= 0:
            self.mark = full + taken
        else:
            over += taken - per_us * (MINUTE_US - limit.slack_us)
            if over > 0:
                return -(-min(over, self.mark - full) // per_us)
            self.mark += taken
        self.held += amount
        return 0

    def undo(self, amount: int, now: int) -> None:
        """Forget what was taken in this same microsecond."""
        self.mark -= amount * MINUTE_US
        self.held -= amount

    def settle(self, reserved: int, used: int, at_us: int, now: int) -> None:
        """Replace what was reserved by what was used: a refund, or a debt."""
        self.held -= reserved
        if used < reserved:
            self.mark -= (reserved - used) * MINUTE_US
        elif used > reserved:
            self.mark = max(self.mark, now * self.amount) + (used - reserved) * MINUTE_US

    def charge(self, limit: Limit, amount: int, now: int) -> None:
        """Take without asking; may leave a debt."""
        if limit.amount != self.amount:
            self._change(limit.amount, now)
        self.mark = max(self.mark, now * self.amount) + amount * MINUTE_US

    def level(self, limit: Limit, now: int) -> Level:
        """How it stands. What has flowed back in part counts as used still."""
        left = max(0, self.mark - now * self.amount)
        used = -(-left // MINUTE_US)
        return Level(limit, used, min(self.held, used), -(-left // limit.amount))

    def idle(self, now: int) -> bool:
        """Whether it is as good as new, and may be forgotten."""
        return not self.held and self.mark <= now * self.amount

    def _change(self, amount: int, now: int) -> None:
        """The limit is another from now on: what was used stays used."""
        self.mark += now * (amount - self.amount)
        self.amount = amount
