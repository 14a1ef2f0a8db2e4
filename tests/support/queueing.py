"""A queue under load in virtual time: who asks for what, and what came of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from typing import Literal

import msgspec

from pointsman.errors import RateLimited
from pointsman.http1 import Leave
from pointsman.limits import Amounts, Limit, Reservation, Scope, make_limit
from pointsman.limits.local.memory import MemoryLimits
from pointsman.limits.queue.queue import OnPlace, Queue
from pointsman.limits.values.ticket import Place, Ticket
from tests.support.virtual_time import run_virtual

DEPLOYMENT = Scope("deployment", "acme/model")


def amounts(tokens: int = 0) -> Amounts:
    return (1, tokens, 0, tokens, tokens, tokens, 1)


class Bench:
    """A queue over a memory store in the running virtual loop."""

    def __init__(self, *, max_waiting: int = 100_000, place_every: float = 5.0) -> None:
        self.store = MemoryLimits()
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.queue = Queue(
            self.store, monotonic=self.loop.time, max_waiting=max_waiting, place_every=place_every
        )

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return round(self.loop.time() - self.began, 6)

    def ticket(
        self,
        *limits: Limit,
        tokens: int = 0,
        key: str = "a",
        lane: str = "lane",
        max_wait: float = 3_600,
        weight: float = 1.0,
        priority: int = 0,
    ) -> Ticket:
        now = self.queue.now_us()
        return Ticket(
            limits,
            amounts(tokens),
            key=key,
            lane=lane,
            at_us=now,
            deadline_us=now + round(max_wait * 1_000_000),
            weight=weight,
            priority=priority,
        )

    async def enter(
        self, ticket: Ticket, leave: Leave | None = None, on_place: OnPlace | None = None
    ) -> Reservation:
        return self.queue.try_enter(ticket) or await self.queue.enter(ticket, leave, on_place)

    def used(self, *limits: Limit) -> list[int]:
        return [level.used for level in self.store.levels(limits, self.queue.now_us())]

    def held(self, *limits: Limit) -> list[int]:
        return [level.reserved for level in self.store.levels(limits, self.queue.now_us())]


def virtual(work: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """A test in virtual time."""

    async def whole() -> None:
        await work()

    def test() -> None:
        run_virtual(whole)

    return test


async def exhaust(bench: Bench, *limits: Limit) -> None:
    while (held := bench.queue.try_enter(bench.ticket(*limits))) is not None:
        bench.queue.settle(held, amounts())


class Load(msgspec.Struct, frozen=True):
    """Ten minutes of three times what the limits allow, from keys that send at random moments."""

    seed: int
    window: Literal["refill", "rolling"] = "refill"
    minutes: int = 10
    rpm: int = 300
    tpm: int = 150_000
    concurrency: int | None = None
    over: float = 3.0
    max_wait: float = 40.0
    weights: Mapping[str, float] = {}
    sizes: Mapping[str, int] = {}
    """Tokens by key, on average; 1,500 unless told."""
    real: float = 1.0
    """What calls use of what was estimated, on average."""
    keys: int = 10


class Outcome(msgspec.Struct):
    """What came of it, from two minutes in until the end."""

    utilisation: float = 0.0
    served: dict[str, int] = {}
    """Tokens by key."""
    error: float = 0.0
    """Median of |estimated − real| ÷ real, of the first estimate of each that had to wait."""
    late: int = 0
    started: int = 0

    def jain(self, weights: Mapping[str, float] | None = None) -> float:
        shares = [tokens / (weights or {}).get(key, 1.0) for key, tokens in self.served.items()]
        return float(sum(shares) ** 2 / len(shares) / sum(share * share for share in shares))


_WARM = 120.0


def flood(load: Load) -> Outcome:
    """Run it."""
    return run_virtual(lambda: _flood(load))


async def _flood(load: Load) -> Outcome:
    dice, bench, outcome = random.Random(load.seed), Bench(), Outcome()
    limits = [make_limit(DEPLOYMENT, "rpm", load.rpm, window=load.window)]
    limits.append(make_limit(DEPLOYMENT, "tpm", load.tpm, window=load.window))
    if load.concurrency is not None:
        limits.append(make_limit(DEPLOYMENT, "concurrency", load.concurrency))
    errors: list[float] = []
    keys = [f"k{number}" for number in range(load.keys)]
    outcome.served = dict.fromkeys(keys, 0)

    async def call(key: str) -> None:
        size = load.sizes.get(key, 1_500)
        estimated = round(dice.uniform(0.5, 1.5) * size)
        began, places = bench.now, list[Place]()
        weight = load.weights.get(key, 1.0)
        ticket = bench.ticket(*limits, tokens=estimated, key=key, max_wait=load.max_wait, weight=weight)
        try:
            reservation = await bench.enter(ticket, None, lambda place: places.append(place))
        except RateLimited:
            outcome.late += bench.now > began
            return
        waited, at = bench.now - began, bench.now
        if places and began > _WARM and waited > 0.1 and places[0].starts_in is not None:
            errors.append(abs(places[0].starts_in - waited) / waited)
        used = round(dice.uniform(0.8, 1.2) * load.real * estimated)
        if at > _WARM:
            outcome.served[key] += used
            outcome.started += 1
        try:
            await asyncio.sleep(dice.uniform(0.5, 4))
        finally:
            bench.queue.settle(reservation, amounts(used))

    async def send(key: str, tasks: list[asyncio.Task[None]]) -> None:
        mean = load.sizes.get(key, 1_500)
        every = load.keys / load.over * max(60 / load.rpm, 60 * mean * load.real / load.tpm)
        while bench.now < 60 * load.minutes:
            await asyncio.sleep(dice.expovariate(1 / every))
            tasks.append(asyncio.create_task(call(key)))

    tasks: list[asyncio.Task[None]] = []
    await asyncio.gather(*(send(key, tasks) for key in keys))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    seconds = 60 * load.minutes - _WARM
    tokens = sum(outcome.served.values()) / (load.tpm / 60 * seconds)
    outcome.utilisation = max(tokens, outcome.started / (load.rpm / 60 * seconds))
    outcome.error = median(errors)
    assert bench.queue.waiting == 0
    assert bench.held(*limits) == [0] * len(limits)
    return outcome
