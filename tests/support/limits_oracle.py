"""What a store of limits should say, worked out anew each time from a log of all that ever happened.

As plain as can be, and slow: fractions, no state but the log, and waits found by trying. ``LimitsMachine``
takes any store through random steps beside it. A store that is asked over a network is wrapped by its
``make_store`` in something that waits for its answers.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Literal, cast

import msgspec
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pointsman.limits import Amounts, Level, Limit, LocalLimits, Reservation, Shortage, make_limit
from pointsman.limits.values.limit import MINUTE_US, Dimension, Scope

START_US = 1_790_000_000_000_000
"""A time as a server tells it: microseconds since 1970."""


class _Bucket:
    """The log of one limit."""

    def __init__(self, limit: Limit, now: int) -> None:
        self.rates = [(now, limit.amount)]
        self.steps: list[tuple[int, int]] = []
        """When, and how much was taken (or given back, if negative): for refill."""
        self.events: list[tuple[int, list[int]]] = []
        """When, and how much, to be changed in place: for rolling."""
        self.held = 0

    def used(self, limit: Limit, now: int) -> Fraction:
        if limit.window == "slots":
            return Fraction(self.held)
        if limit.window == "rolling":
            window = MINUTE_US + limit.slack_us
            return Fraction(sum(amount[0] for at, amount in self.events if now - at < window))
        used, last, rate = Fraction(0), self.rates[0][0], self.rates[0][1]
        log = [(at, 1, amount) for at, amount in self.rates] + [(at, 0, amount) for at, amount in self.steps]
        for at, is_rate, amount in [*sorted(log, key=lambda entry: entry[0]), (now, 0, 0)]:
            if at > now:
                break
            used = max(Fraction(0), used - Fraction(rate * (at - last), MINUTE_US))
            last = at
            if is_rate:
                rate = amount
            else:
                used = max(Fraction(0), used + amount)
        return used

    def fits(self, limit: Limit, amount: int, now: int) -> bool:
        used = self.used(limit, now)
        if limit.window != "refill":
            return used + amount <= limit.amount
        holds = limit.amount - Fraction(limit.amount * limit.slack_us, MINUTE_US)
        return amount <= limit.amount and (used == 0 or holds - used >= amount)

    def free_at(self, limit: Limit, now: int) -> int:
        if limit.window == "slots":
            return 0
        if limit.window == "rolling":
            ends = [at + MINUTE_US + limit.slack_us - now for at, amount in self.events if amount[0]]
            return max([0, *ends])
        return ceil(self.used(limit, now) * MINUTE_US / limit.amount)


class OracleLimits:
    """``LocalLimits``, by brute force."""

    def __init__(self) -> None:
        self.buckets: dict[str, _Bucket] = {}

    def bucket(self, limit: Limit, now: int, *, brings: bool = True) -> _Bucket:
        bucket = self.buckets.setdefault(limit.id, _Bucket(limit, now))
        if brings and bucket.rates[-1][1] != limit.amount:
            bucket.rates.append((now, limit.amount))
        return bucket

    def reserve(self, limits: tuple[Limit, ...], amounts: Amounts, now_us: int) -> Reservation | Shortage:
        short = [
            Shortage(limit, wait, never)
            for limit in limits
            for wait, never in [self.wait(limit, amounts[limit.place], now_us)]
            if never or wait != 0
        ]
        if short:
            return max(short, key=lambda one: (one.never, one.wait_us is None, one.wait_us or 0))
        events: dict[str, list[int]] = {}
        for limit in limits:
            bucket, amount = self.bucket(limit, now_us), amounts[limit.place]
            events[limit.id] = [amount]
            bucket.held += amount
            bucket.steps.append((now_us, amount))
            bucket.events.append((now_us, events[limit.id]))
        return Reservation(limits, amounts, now_us, events)

    def wait(self, limit: Limit, amount: int, now: int) -> tuple[int | None, bool]:
        """How long, and whether never."""
        bucket = self.bucket(limit, now)
        if amount > limit.amount:
            return None, True
        if bucket.fits(limit, amount, now):
            return 0, False
        if limit.window == "slots":
            return None, False
        too_short, enough = 0, 1
        while not bucket.fits(limit, amount, now + enough):
            enough *= 2
        while enough - too_short > 1:
            middle = (too_short + enough) // 2
            if bucket.fits(limit, amount, now + middle):
                enough = middle
            else:
                too_short = middle
        return enough, False

    def settle(self, reservation: Reservation, used: Amounts, now_us: int) -> None:
        if reservation.settled:
            return
        reservation.settled = True
        events = cast(dict[str, list[int]], reservation.token)
        for limit in reservation.limits:
            bucket, reserved = self.bucket(limit, now_us, brings=False), reservation.amounts[limit.place]
            bucket.held -= reserved
            bucket.steps.append((now_us, used[limit.place] - reserved))
            events[limit.id][0] = used[limit.place]

    def charge(self, limit: Limit, amount: int, now_us: int) -> None:
        if amount:
            bucket = self.bucket(limit, now_us)
            bucket.steps.append((now_us, amount))
            bucket.events.append((now_us, [amount]))

    def levels(self, limits: list[Limit], now_us: int) -> list[Level]:
        levels = []
        for limit in limits:
            bucket = self.bucket(limit, now_us, brings=False)
            used = ceil(bucket.used(limit, now_us))
            levels.append(Level(limit, used, min(bucket.held, used), bucket.free_at(limit, now_us)))
        return levels


_SHAPES: tuple[tuple[Dimension, Literal["refill", "rolling"]], ...] = (
    ("rpm", "refill"),
    ("rpm", "rolling"),
    ("tpm", "refill"),
    ("output_tpm", "refill"),
    ("input_tpm", "rolling"),
    ("concurrency", "refill"),
)


def _amount(most: int) -> st.SearchStrategy[int]:
    """Small mostly, so that several fit; and now and then just too large."""
    return st.integers(0, min(3, most)) | st.integers(0, most // 4) | st.integers(0, most + 1)


class LimitsMachine(RuleBasedStateMachine):
    """Random steps over random limits. A subclass says which store: ``make_store``."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START_US
        self.store = self.make_store()
        self.oracle = OracleLimits()
        self.limits: list[Limit] = []
        self.open: list[tuple[Reservation, Reservation]] = []
        self.closed: list[Reservation] = []
        self.wait_us = 0

    def make_store(self) -> LocalLimits:
        raise AssertionError("A subclass makes the store.")

    @initialize(
        sizes=st.lists(st.integers(1, 60) | st.integers(1, 10**6), min_size=6, max_size=6),
        slack_us=st.sampled_from([0, 1, 999_983, 2_000_000, 30_000_000, MINUTE_US]),
    )
    def choose(self, sizes: list[int], slack_us: int) -> None:
        for number, ((dimension, window), size) in enumerate(zip(_SHAPES, sizes, strict=True)):
            scope = Scope("key", f"k{number}")
            self.limits.append(make_limit(scope, dimension, size, window=window, slack_us=slack_us))

    @rule(step=st.integers(0, 3) | st.integers(0, 3_000_000) | st.integers(0, 150_000_000))
    def pass_time(self, step: int) -> None:
        self.now += step

    @rule(less=st.sampled_from([0, 1]))
    def wait_as_told(self, less: int) -> None:
        self.now += max(0, self.wait_us - less)
        self.wait_us = 0

    @rule(data=st.data())
    def reserve(self, data: st.DataObject) -> None:
        limits = tuple(data.draw(st.lists(st.sampled_from(self.limits), unique_by=lambda limit: limit.id)))
        most = [min([limit.amount for limit in limits if limit.place == place] or [3]) for place in range(7)]
        amounts = cast(Amounts, data.draw(st.tuples(*map(_amount, most)), label="amounts"))
        ours = self.oracle.reserve(limits, amounts, self.now)
        theirs = self.store.reserve(limits, amounts, self.now)
        if isinstance(ours, Shortage) or isinstance(theirs, Shortage):
            assert theirs == ours
            self.wait_us = ours.wait_us or 0 if isinstance(ours, Shortage) else 0
        else:
            assert (theirs.limits, theirs.amounts, theirs.settled) == (limits, amounts, False)
            self.open.append((ours, theirs))

    @rule(data=st.data(), apart=st.integers(0, 3))
    def settle(self, data: st.DataObject, apart: int) -> None:
        if not self.open:
            return
        ours, theirs = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        part = min(apart, len(ours.limits))
        if part:
            self.open.append((ours.split(part), theirs.split(part)))
        others = st.tuples(*[st.integers(0, 2 * reserved + 1) for reserved in ours.amounts])
        used = cast(Amounts, data.draw(others | st.just(ours.amounts), label="used"))
        self.oracle.settle(ours, used, self.now)
        self.store.settle(theirs, used, self.now)
        self.closed.append(theirs)

    @rule(data=st.data())
    def settle_again(self, data: st.DataObject) -> None:
        if self.closed:
            again = data.draw(st.sampled_from(self.closed))
            self.store.settle(again, (9, 9, 9, 9, 9, 9, 9), self.now)

    @rule(data=st.data())
    def charge(self, data: st.DataObject) -> None:
        limit = data.draw(st.sampled_from(self.limits))
        amount = data.draw(st.integers(0, 2 * limit.amount))
        self.oracle.charge(limit, amount, self.now)
        self.store.charge(limit, amount, self.now)

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """A limit that is learned anew counts from the next that asks for it."""
        place = data.draw(st.integers(0, len(self.limits) - 1))
        old = self.limits[place]
        amount = data.draw(st.integers(1, 2 * old.amount))
        self.limits[place] = msgspec.structs.replace(old, amount=amount, source="learned")

    @invariant()
    def levels_agree(self) -> None:
        note(f"at {self.now}")
        assert self.store.levels(self.limits, self.now) == self.oracle.levels(self.limits, self.now)
