"""A provider with limits that nobody was told of, and a client that only knows what it is answered.

Independent of the limiter, the queue and the simulator: a discrete simulation of arrivals, a first-come
queue, the way there and back, and a provider that counts exactly. Time is in microseconds and costs nothing.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from pointsman.errors import UpstreamRateLimited
from pointsman.limits.learning.learning import LimitLearner
from pointsman.limits.local.memory import MemoryLimits
from pointsman.limits.request.book import Ceilings, LimitBook, Shape
from pointsman.limits.values.limit import NOTHING, Amounts, Scope, Shortage
from pointsman.limits.values.port import Reservation

MINUTE = 60_000_000
SECOND = 1_000_000
DEPLOYMENT = "shop/model"


@dataclass
class Provider:
    """Counts to the unit. ``hints``: what it tells besides the status."""

    shape: Literal["refill", "rolling", "slots"]
    what: Literal["rpm", "tpm", "concurrency"]
    amount: int
    hints: Literal["headers", "retry-after", "nothing"]
    others: float = 0.0
    """Share of the limit that somebody else takes, evenly."""
    change: tuple[int, int] | None = None
    """From that time on, the limit is another."""
    level: float = 0.0
    at: int = 0
    taken: deque[tuple[int, int]] = field(default_factory=deque)
    used: int = 0
    busy: int = 0
    accepted: list[tuple[int, int]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.level = float(self.amount)

    def ask(self, tokens: int, now: int) -> tuple[bool, dict[str, str]]:
        """Whether a call is taken, and the headers of the answer."""
        if self.change is not None and now >= self.change[0]:
            self.amount, self.change = self.change[1], None
        units = tokens if self.what == "tpm" else 1
        wait = self._wait(units, now)
        if wait == 0:
            self._take(units, now)
            self.accepted.append((now, units))
        else:
            self.refused.append(now)
        return wait == 0, self._headers(wait, now)

    def end(self) -> None:
        self.busy -= 1

    def _wait(self, units: int, now: int) -> int:
        if self.shape == "slots":
            return 0 if self.busy < self.amount else 1_000_000
        if self.shape == "refill":
            flow = self.amount * (1 - self.others) * (now - self.at) / MINUTE
            self.level = min(float(self.amount), self.level + flow)
            self.at = now
            return max(0, int((units - self.level) / self.amount * MINUTE) + 1) if units > self.level else 0
        while self.taken and self.taken[0][0] <= now - MINUTE:
            self.used -= self.taken.popleft()[1]
        limit = self.amount * (1 - self.others)
        if self.used + units <= limit:
            return 0
        over = self.used + units - limit
        for when, taken in self.taken:
            over -= taken
            if over <= 0:
                return when + MINUTE - now
        return MINUTE

    def _take(self, units: int, now: int) -> None:
        self.busy += 1
        if self.shape == "refill":
            self.level -= units
        elif self.shape == "rolling":
            self.taken.append((now, units))
            self.used += units

    def _headers(self, wait: int, now: int) -> dict[str, str]:
        told = {"content-type": "application/json"}
        if self.hints == "headers" and self.what != "concurrency":
            name = "requests" if self.what == "rpm" else "tokens"
            ours = self.amount * (1 - self.others)  # of a window the others always hold their share
            left = int(self.level) if self.shape == "refill" else max(0, int(ours) - self.used)
            told |= {
                f"x-ratelimit-limit-{name}": str(self.amount),
                f"x-ratelimit-remaining-{name}": str(left),
            }
        if wait and self.hints != "nothing":
            told["retry-after"] = str(-(-wait // SECOND))
        return told


@dataclass
class Result:
    utilisation: float
    """Of the limit over the whole time, from the first second on."""
    later: float
    """The same, without the first minute."""
    refusals: int
    share: float
    """Refusals of all calls that were sent."""
    limits: list[str]


def run(
    provider: Provider,
    seed: int,
    *,
    demand: float = 3.0,
    minutes: float = 10.0,
    tokens: Callable[[Random], int] = lambda dice: 1000,
    hold_seconds: float = 4.0,
    shape: Shape | None = None,
    ceilings: Ceilings | None = None,
    arrivals_a_minute: float | None = None,
) -> Result:
    """Send ``demand`` times the limit through a learner, in the order of arrival."""
    dice = Random(seed)
    configured = {Scope("deployment", DEPLOYMENT): ceilings} if ceilings else None
    book = LimitBook(configured, {"shop": shape} if shape else None)
    store = MemoryLimits()
    learner = LimitLearner(book, store)
    mean = sum(tokens(Random(seed + n)) for n in range(400)) / 400
    per_minute = arrivals_a_minute or demand * provider.amount / (mean if provider.what == "tpm" else 1)
    now = 10 * SECOND
    start, stop = now, now + int(minutes * MINUTE)
    order = 0
    events: list[tuple[int, int, str, tuple[int, int]]] = []
    queue: deque[int] = deque()
    wake = 0
    in_flight = 0
    reservations: dict[int, tuple[Reservation, Amounts]] = {}
    answers: dict[int, dict[str, str]] = {}

    def push(at: int, what: str, call: tuple[int, int] = (0, 0)) -> None:
        nonlocal order
        order += 1
        heapq.heappush(events, (at, order, what, call))

    def pump() -> None:
        nonlocal wake, in_flight
        while queue:
            size = queue[0]
            amounts: Amounts = (1, size, 0, size, size, size, 1)
            way = book.way("shop", "model", "model")
            got = store.reserve(way.limits, amounts, now)
            if isinstance(got, Shortage):
                assert not got.never, got
                at = now + (got.wait_us or SECOND)
                if not now < wake <= at:
                    wake = at
                    push(at, "wake")
                return
            queue.popleft()
            learner.see_sent(DEPLOYMENT, amounts, now)
            in_flight += 1
            there = now + int(dice.uniform(10_000, 60_000))
            reservations[order + 1] = (got, amounts)
            push(there, "arrive", (now, order + 1))

    push(now, "new")
    while events:
        now, _, what, (sent, call) = heapq.heappop(events)
        if now > stop:
            break
        if what == "new":
            queue.append(tokens(dice))
            push(now + int(dice.expovariate(per_minute) * MINUTE), "new")
        elif what == "arrive":
            _, amounts = reservations[call]
            taken, headers = provider.ask(amounts[5], now)
            back = int(dice.uniform(10_000, 60_000))
            answers[call] = headers
            if taken:
                push(now + int(dice.uniform(0.2, 0.8) * SECOND), "answer", (sent, call))
                push(now + int(hold_seconds * SECOND * dice.uniform(0.5, 1.5)) + SECOND, "end", (sent, call))
            else:
                push(now + back, "refused", (sent, call))
        elif what == "answer":
            learner.see_answer(DEPLOYMENT, answers.pop(call), now, sent_us=sent)
        elif what == "end":
            provider.end()
            in_flight -= 1
            got, amounts = reservations.pop(call)
            store.settle(got, amounts, now)
            learner.see_end(DEPLOYMENT, amounts, amounts, now, sent_us=sent)
        elif what == "refused":
            in_flight -= 1
            got, amounts = reservations.pop(call)
            store.settle(got, NOTHING, now)
            headers = answers.pop(call)
            after = headers.get("retry-after")
            error = UpstreamRateLimited("No.", retry_after=float(after) if after else None)
            learner.see_refusal(
                DEPLOYMENT, error, headers, now, sent_us=sent, amounts=amounts, in_flight=in_flight
            )
            queue.appendleft(amounts[5])
        pump()
    total = sum(units for _, units in provider.accepted)
    later = sum(units for at, units in provider.accepted if at > start + MINUTE)
    scale = provider.amount * (1 - provider.others)
    if provider.what == "concurrency":
        scale = provider.amount * 60 / (hold_seconds + 1)
    calls = len(provider.accepted) + len(provider.refused)
    return Result(
        total / scale / minutes,
        later / scale / (minutes - 1),
        len(provider.refused),
        len(provider.refused) / calls,
        [f"{learned.limit.id}={learned.limit.amount} {learned.origin}" for learned in book.all_learned()],
    )
