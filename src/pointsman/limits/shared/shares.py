"""What a replica may take of shared limits while the store is out of reach.

The store lends each replica a share, as a rule 1/N of every limit. A replica that hears nothing more begins
to use it after ``grace``, and ends ``hold`` after it last asked. For just that time the store presumes the
share of a replica that it does not hear of to be in use (``shared.lua``, ``silent``). So no rate is exceeded,
whether the store is gone for all or for one, and little needs to be merged afterwards:

*refill*  A bucket of the share's rate and size, which begins empty.
*rolling* Within the share; and until whatever others took before the silence, or before they left this
  replica alone, has left the window, no more than this replica itself had taken within the last minute: its
  own events leave the window, and new ones take their place. When the store is back, it is told of them.
*slots*   Within the share, counting what it holds.

Time here is this machine's, monotonic, in microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pointsman.limits.values.limit import MINUTE_US, NEVER, UNKNOWN, Amounts, Level, Limit, Shortage

from .batch import Terms

PPM = 1_000_000
_STEP_US = 100_000
"""Events of one step are one, at its end: at most 600 for each limit."""


class _Own:
    """What this replica has of one limit."""

    __slots__ = ("at", "before", "events", "held", "level", "limit", "shared", "spell", "total")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.held = 0
        self.events: dict[int, int] = {}
        """By time, in order."""
        self.total = 0
        self.shared: dict[int, int] = {}
        """Those events that the store does not know of."""
        self.spell = -1
        self.before = 0
        """For rolling: how much counts still when the share may be used first. What left the window before
        that, others may have taken."""
        self.level = 0
        self.at = 0
        """For refill: what of the share is there, in units of 1/60,000,000,000,000; and when that was so."""

    def add(self, amount: int, now: int) -> int:
        at = (now // _STEP_US + 1) * _STEP_US
        self.events[at] = self.events.get(at, 0) + amount
        self.total += amount
        return at

    def forget(self, now: int) -> None:
        until = now - MINUTE_US - self.limit.slack_us
        while self.events:
            at = next(iter(self.events))
            if at > until:
                return
            self.total -= self.events.pop(at)
            self.shared.pop(at, None)


class Shares:
    """The share of one replica, and what it took itself of every limit."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._own: dict[str, _Own] = {}
        self.share = 0
        """In millionths."""
        self.used = False
        """Whether anything was taken from the share since this was last set to False."""
        self._begin = 0
        self._others = 0
        """Until then others may have taken anything."""
        self._end = 0
        self._spell = 0

    # While the store answers.

    def heard(self, share: int, asked_us: int, now: int, *, alone_us: int = 0) -> None:
        """The store answered now to what was asked then. ``alone_us``: so long no other replica was there."""
        self.share = share
        self._begin = now + self._terms.grace
        self._others = now - alone_us if alone_us else self._begin
        self._end = asked_us + self._terms.hold
        self._spell += 1

    def took(self, limits: Sequence[Limit], amounts: Amounts, now: int) -> None:
        """The store granted this."""
        for limit in limits:
            amount = amounts[limit.place]
            if amount:
                self._hold(limit, amount, now)

    def settled(self, limit: Limit, reserved: int, used: int, at_us: int, *, lent: bool) -> None:
        """What was reserved at ``at_us`` is used, or given back. ``lent``: it came from the share."""
        own = self._own.get(limit.id)
        if own is None:
            return
        own.held = max(0, own.held - reserved)
        at = (at_us // _STEP_US + 1) * _STEP_US
        if at in own.events:
            more = max(used - reserved, -own.events[at])
            own.events[at] += more
            own.total += more
            if lent and at in own.shared:
                own.shared[at] = max(0, own.shared[at] + more)
        if lent and own.spell == self._spell:
            own.level -= (used - reserved) * MINUTE_US * PPM
        if not own.held and not own.events and own.spell != self._spell:
            del self._own[limit.id]

    def sweep(self, now: int) -> None:
        """Forget what is of no more use. A bucket of the share is, as long as the store is away."""
        for name, own in list(self._own.items()):
            own.forget(now)
            if not own.held and not own.events and own.spell != self._spell:
                del self._own[name]

    def holdings(self) -> list[tuple[Limit, int]]:
        """What is held of each limit."""
        return [(own.limit, own.held) for own in self._own.values()]

    def unknown_events(self, now: int, *, whole: bool) -> Iterator[tuple[Limit, int, int]]:
        """What was taken of rolling windows and when, as far as the store does not know of it, or all."""
        for own in self._own.values():
            own.forget(now)
            for at, amount in (own.events if whole else own.shared).items():
                if amount:
                    yield own.limit, amount, min(at, now)
            own.shared.clear()

    # While it does not.

    def reserve(self, limits: Sequence[Limit], amounts: Amounts, now: int) -> Shortage | None:
        """Take from the share; None if it was enough."""
        longest = 0
        short = None
        for limit in limits:
            wait = self._wait(limit, amounts[limit.place], now)
            if wait > longest:
                short, longest = limit, wait
        if short is not None:
            return Shortage(short, None if longest >= UNKNOWN else longest, never=longest == NEVER)
        for limit in limits:
            amount = amounts[limit.place]
            if amount:
                own = self._hold(limit, amount, now)
                own.level -= amount * MINUTE_US * PPM
                if limit.window == "rolling":
                    at = next(reversed(own.events))
                    own.shared[at] = own.shared.get(at, 0) + amount
                self.used = True
        return None

    def levels(self, limits: Sequence[Limit], now: int) -> list[Level]:
        """What this replica itself has taken."""
        found = []
        for limit in limits:
            own = self._own.get(limit.id)
            if own is None:
                found.append(Level(limit, 0, 0, 0))
                continue
            own.forget(now)
            used = own.total if limit.window == "rolling" else own.held
            found.append(Level(limit, used, min(own.held, used), 0))
        return found

    def _hold(self, limit: Limit, amount: int, now: int) -> _Own:
        own = self._own.get(limit.id)
        if own is None:
            own = self._own[limit.id] = _Own(limit)
        own.limit = limit
        own.held += amount
        if limit.window == "rolling":
            own.add(amount, now)
        return own

    def _wait(self, limit: Limit, amount: int, now: int) -> int:
        """Microseconds; 0 if it fits."""
        if amount > limit.amount:
            return NEVER
        if now >= self._end:
            return UNKNOWN
        most = limit.amount * self.share // PPM
        if amount > most:
            return UNKNOWN
        later = max(0, self._begin - now)
        own = self._own.get(limit.id)
        if limit.window == "slots":
            held = own.held if own is not None else 0
            return later if held + amount <= most else UNKNOWN
        if own is None:
            own = self._own[limit.id] = _Own(limit)
        own.limit = limit
        return max(
            later,
            self._wait_for_window(own, most, amount, now)
            if limit.window == "rolling"
            else self._wait_for_bucket(own, amount, now),
        )

    def _wait_for_bucket(self, own: _Own, amount: int, now: int) -> int:
        limit = own.limit
        rate = limit.amount * self.share
        size = rate * (MINUTE_US - limit.slack_us)
        if own.spell != self._spell:
            own.spell, own.level, own.at = self._spell, 0, self._begin
        if now > own.at:
            own.level = min(size, own.level + (now - own.at) * rate)
            own.at = now
        short = amount * MINUTE_US * PPM - own.level
        if short <= 0:
            return 0
        if amount * MINUTE_US * PPM > size:
            return UNKNOWN
        return -(-short // rate) + max(0, own.at - now)

    def _wait_for_window(self, own: _Own, most: int, amount: int, now: int) -> int:
        window = MINUTE_US + own.limit.slack_us
        own.forget(now)
        if own.spell != self._spell:
            own.spell = self._spell
            own.before = sum(taken for at, taken in own.events.items() if at > self._begin - window)
        free_from = self._others + window
        if now < free_from:
            most = min(most, own.before)
        if own.total + amount <= most:
            return 0
        over = own.total + amount - most
        for at, taken in own.events.items():
            over -= taken
            if over <= 0:
                return at + window - now
        return free_from - now if now < free_from else UNKNOWN
