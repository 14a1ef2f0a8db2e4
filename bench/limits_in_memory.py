"""Reserve and settle in memory: CPU of a typical request, beside a naive limiter; and a million idle keys."""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from bench import keys_at_rest
from bench.process import in_a_process_of_its_own, resident
from pointsman.limits import Amounts, Limit, Reservation, Scope, make_limit
from pointsman.limits.local.memory import MemoryLimits

ROUNDS = 40
CALLS = 5_000
KEYS = 1_000_000
ESTIMATE: Amounts = (1, 1_000, 500, 1_500, 1_000, 1_500, 1)
USED: Amounts = (1, 990, 300, 1_290, 990, 1_290, 0)
STEP_US = 10_000
"""A hundred calls a second, of which a minute remembers six thousand."""


def typical(window: Literal["refill", "rolling"] = "refill") -> tuple[Limit, ...]:
    """A key's requests and tokens, and requests, input, output and calls at once of a deployment."""
    key, deployment = Scope("key", "key_01"), Scope("deployment", "anthropic/claude-sonnet-5-5")
    return (
        make_limit(key, "rpm", 10**6),
        make_limit(key, "tpm", 10**9),
        make_limit(deployment, "rpm", 10**6, slack_us=10**6, window=window),
        make_limit(deployment, "input_tpm", 10**9, slack_us=10**6, window=window),
        make_limit(deployment, "output_tpm", 10**9, slack_us=10**6, window=window),
        make_limit(deployment, "concurrency", 1_000),
    )


class Naive:
    """What one writes first: a deque of times and amounts for each limit, summed up anew for each request.
    It keeps no estimate apart from what was used, and so settles nothing."""

    def __init__(self) -> None:
        self.log: dict[str, deque[tuple[int, int]]] = {}

    def take(self, limits: tuple[Limit, ...], amounts: Amounts, now_us: int) -> bool:
        for limit in limits:
            log = self.log.setdefault(limit.id, deque())
            while log and now_us - log[0][0] > 60_000_000:
                log.popleft()
            if sum(amount for _, amount in log) + amounts[limit.place] > limit.amount:
                return False
        for limit in limits:
            self.log[limit.id].append((now_us, amounts[limit.place]))
        return True


def cpu_us(work: Callable[[int], object], calls: int = CALLS, rounds: int = ROUNDS) -> float:
    """Microseconds a call, of the best round."""
    now, best = 10**12, float("inf")
    for _ in range(rounds):
        start = time.process_time_ns()
        for _ in range(calls):
            now += STEP_US
            work(now)
        best = min(best, (time.process_time_ns() - start) / calls / 1_000)
    return best


def pair(store: MemoryLimits, limits: tuple[Limit, ...]) -> Callable[[int], object]:
    def work(now: int) -> None:
        answer = store.reserve(limits, ESTIMATE, now)
        if type(answer) is not Reservation:
            raise RuntimeError(f"It should have fitted: {answer}")
        store.settle(answer, USED, now)

    return work


def shortage(store: MemoryLimits, limits: tuple[Limit, ...]) -> Callable[[int], object]:
    last = make_limit(Scope("model", "m"), "concurrency", 1)
    store.reserve((last,), ESTIMATE, 0)
    return lambda now: store.reserve((*limits, last), ESTIMATE, now)


def full_of_a_minute(limits: tuple[Limit, ...]) -> Callable[[int], object]:
    """A naive limiter as it is after the first minute."""
    naive = Naive()
    naive.log = {limit.id: deque((10**12, 1) for _ in range(60_000_000 // STEP_US)) for limit in limits}
    return lambda now: naive.take(limits, ESTIMATE, now)


def limits_of_key(number: int) -> tuple[Limit, ...]:
    scope = Scope("key", f"key_{number:08}")
    return make_limit(scope, "rpm", 60 + number % 1_000), make_limit(scope, "tpm", 100_000 + number)


def naive_keys(count: int) -> int:
    """Bytes of a naive limiter that so many keys have asked once."""
    before, naive = resident(), Naive()
    for number in range(count):
        naive.take(limits_of_key(number), ESTIMATE, 10**12)
    return resident() - before


def idle_keys(step_us: int) -> tuple[int, int, float, float]:
    """Touch a million keys once each.

    Returns:
        Bytes that it took, buckets left, microseconds of CPU a key, and of the longest call.
    """
    before = resident()
    store, now, worst, total = MemoryLimits(), 10**12, 0, 0
    for number in range(KEYS):
        limits = limits_of_key(number)
        now += step_us
        start = time.thread_time_ns()
        answer = store.reserve(limits, ESTIMATE, now)
        if isinstance(answer, Reservation):
            store.settle(answer, USED, now)
        took = time.thread_time_ns() - start
        worst, total = max(worst, took), total + took
    return resident() - before, len(store), total / KEYS / 1_000, worst / 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-keys", action="store_true", help="leave out the million keys")
    parser.add_argument("--keys", type=int, default=KEYS, help="in the directory (default: a million)")
    parser.add_argument("--used", type=int, default=KEYS, help="of them used once, at some 200 µs each")
    options = parser.parse_args()
    print(f"CPU of one request, best of {ROUNDS} rounds of {CALLS} calls")
    ours = cpu_us(pair(MemoryLimits(), typical()))
    rolling = cpu_us(pair(MemoryLimits(), typical("rolling")))
    short = cpu_us(shortage(MemoryLimits(), typical()))
    naive = cpu_us(full_of_a_minute(typical()), calls=100, rounds=20)
    print(f"  reserve + settle, 6 limits                      {ours:8.2f} µs")
    print(f"  the same with 3 of them rolling                 {rolling:8.2f} µs")
    print(f"  a shortage of the last of 7                     {short:8.2f} µs")
    print(f"  naive deques, 6,000 events a minute in each     {naive:8.2f} µs: {naive / ours:.0f} times")
    if options.no_keys:
        return
    print(f"{KEYS:,} keys with rpm and tpm, each seen once")
    size = in_a_process_of_its_own(naive_keys, KEYS // 20) * 20
    for name, step_us in (("10 µs apart", 10), ("all in one microsecond", 0)):
        ours, left, each, worst = in_a_process_of_its_own(idle_keys, step_us)
        print(
            f"  {name:24} {ours / 1e6:4.0f} MB  {left:9,} buckets left  "
            f"{each:5.2f} µs each  longest call {worst / 1e3:6.2f} ms"
            f"   naive {size / 1e6:,.0f} MB, {size / ours:.0f} times"
        )
    keys_at_rest.main(options.keys, options.used)


if __name__ == "__main__":
    main()
