"""Limits in Valkey: what a reservation costs, and four replicas through an outage of a minute.

.venv/bin/python -m bench.shared_limits            # the cost
.venv/bin/python -m bench.shared_limits --outage   # four minutes
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from statistics import quantiles

from pointsman.limits import Amounts, Limit, Reservation, Scope, make_limit
from pointsman.limits.shared.redis import RedisLimits
from tests.support.redis_server import RedisServer, redis_server

DEPLOYMENT = Scope("deployment", "openai/gpt-6-luna")
ONE: Amounts = (1, 10, 10, 10, 10, 10, 1)
WIDE = 10**8
FOUR = (
    make_limit(Scope("key", "k"), "rpm", WIDE),
    make_limit(DEPLOYMENT, "rpm", WIDE),
    make_limit(DEPLOYMENT, "tpm", WIDE),
    make_limit(DEPLOYMENT, "concurrency", WIDE),
)
ROLLING = (
    make_limit(DEPLOYMENT, "rpm", WIDE, window="rolling"),
    make_limit(DEPLOYMENT, "tpm", WIDE, window="rolling"),
)
PER_MINUTE = 60_000


async def cost(url: str) -> None:
    for name, limits in (("four limits, refill and slots", FOUR), ("two rolling windows", ROLLING)):
        store = RedisLimits(url, timeout=5, prefix=name)
        await store.start()
        times = []
        for _ in range(3_000):
            begun = time.perf_counter()
            answer = await store.reserve(limits, ONE)
            times.append(time.perf_counter() - begun)
            assert isinstance(answer, Reservation)
            store.settle(answer, ONE)
        cuts = quantiles(times, n=100)
        print(f"{name}: one at a time, p50 {cuts[49] * 1e6:.0f} µs, p99 {cuts[98] * 1e6:.0f} µs")
        for at_once in (64, 256):
            rate, cuts = await many(store, limits, at_once)
            print(
                f"  {at_once} at once: {rate:.0f} reserved and settled a second, p50 {cuts[49] * 1e3:.1f} ms"
            )
        await store.close()


async def many(store: RedisLimits, limits: tuple[Limit, ...], at_once: int) -> tuple[float, list[float]]:
    times: list[float] = []

    async def caller() -> None:
        for _ in range(12_000 // at_once):
            begun = time.perf_counter()
            answer = await store.reserve(limits, ONE)
            times.append(time.perf_counter() - begun)
            assert isinstance(answer, Reservation)
            store.settle(answer, ONE)

    begun = time.perf_counter()
    await asyncio.gather(*[caller() for _ in range(at_once)])
    return len(times) / (time.perf_counter() - begun), quantiles(times, n=100)


async def replica(url: str, window: str, seconds: float) -> None:
    """Ask without end, and print when what was granted, and how long an answer took at most."""
    store = RedisLimits(url, prefix=window)
    limit = make_limit(DEPLOYMENT, "tpm", PER_MINUTE, window="rolling" if window == "rolling" else "refill")
    end = time.monotonic() + seconds
    slowest, log = 0.0, []
    while time.monotonic() < end:
        begun = time.monotonic()
        answer = await store.reserve((limit,), ONE)
        slowest = max(slowest, time.monotonic() - begun)
        if isinstance(answer, Reservation):
            log.append(time.monotonic())
            store.settle(answer, ONE)
        else:
            await asyncio.sleep(min(0.05, (answer.wait_us or 50_000) / 1e6))
    for at in log:
        print(at)
    print("slowest", slowest)
    await store.close()


def outage(server: RedisServer, window: str) -> None:
    """30 seconds of use, 60 frozen, 30 after it."""
    command = [sys.executable, "-m", "bench.shared_limits", "--replica", server.url, window]
    begun = time.monotonic()
    processes = [subprocess.Popen([*command, "120"], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    time.sleep(30)
    server.freeze()
    time.sleep(60)
    server.thaw()
    lines = [line for process in processes for line in process.communicate()[0].split("\n") if line]
    slowest = max(float(line.split()[1]) for line in lines if line.startswith("slowest"))
    log = sorted(float(line) for line in lines if not line.startswith("slowest"))
    print(f"{window}: granted {len(log) * 10}, over the limit by {over(log, window):.1f}")
    print(f"  slowest answer {slowest * 1e3:.0f} ms")
    for at in range(0, 120, 10):
        print(f"  {at:3} s {sum(10 for one in log if at <= one - begun < at + 10)}")


def over(log: list[float], window: str) -> float:
    worst, level, last, first = 0.0, float(PER_MINUTE), log[0], 0
    for place, at in enumerate(log):
        level = min(PER_MINUTE, level + (at - last) * PER_MINUTE / 60) - 10
        last = at
        while log[first] <= at - 60:
            first += 1
        worst = max(worst, -level if window == "refill" else (place - first + 1) * 10 - PER_MINUTE)
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outage", action="store_true")
    parser.add_argument("--replica", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.replica:
        asyncio.run(replica(chosen.replica[0], chosen.replica[1], float(chosen.replica[2])))
        return
    with redis_server() as server:
        if chosen.outage:
            for window in ("refill", "rolling"):
                outage(server, window)
        else:
            asyncio.run(cost(server.url))


if __name__ == "__main__":
    main()
