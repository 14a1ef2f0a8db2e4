"""Four replicas on one Redis, at three times the limit: one is killed, Redis is frozen, and emptied.

The simulated provider enforces the limits and is the referee: a replica that exceeds them is refused there.
See docs/shared-limits.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from bench.gateways import CannotStart
from bench.main import machine, tell
from bench.sharing import report
from bench.sharing.crowd import Crowd
from bench.sharing.fleet import Fleet, short_folder
from bench.sharing.plan import CONCURRENCY, LEASE, LONG, SHORT, Dice, Lengths, Limits, make_limits
from bench.sharing.watch import Phase, Watch

DOOMED = 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/replicas", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a minute and a half in place of eleven")
    parser.add_argument("--window", choices=["refill", "rolling"], default="refill", help="what a minute is")
    parser.add_argument(
        "--scarce", choices=["requests", "tokens"], default="requests", help="what runs out first"
    )
    parser.add_argument("--rpm", type=int, default=240, help="requests a minute that the provider allows")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic")
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the table")
    return parser.parse_args()


async def measure(fleet: Fleet, limits: Limits, lengths: Lengths, seed: int) -> list[Phase]:
    crowd = Crowd(fleet.doors, fleet.keys, Dice(seed, limits), fleet.alive)
    watch = Watch(fleet, crowd, limits, tell)
    sending = asyncio.create_task(crowd.run())
    try:
        crowd.burst(limits.rpm)
        await watch.phase("settling", lengths.settle)
        await watch.phase("four replicas", lengths.normal)
        await _kill(fleet, crowd, watch, lengths.killed, tokens=limits.tpm // (2 * CONCURRENCY))
        await asyncio.to_thread(fleet.launch, DOOMED)
        await asyncio.to_thread(fleet.wait_for, DOOMED)
        await watch.phase("it is back", lengths.settle)
        fleet.redis.freeze()
        await watch.phase("Redis frozen", lengths.frozen)
        fleet.redis.thaw()
        await watch.phase("Redis thawed", lengths.thawed)
        fleet.redis.kill()
        await asyncio.to_thread(fleet.redis.start)
        await watch.phase("Redis emptied", lengths.emptied)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await crowd.close()
    return watch.phases


async def _kill(fleet: Fleet, crowd: Crowd, watch: Watch, seconds: float, tokens: int) -> None:
    """Kill a replica that holds all calls at once of a model, and see when another one has them back."""
    await crowd.hold(DOOMED, CONCURRENCY, tokens)
    other = DOOMED + 1
    async with asyncio.timeout(20):
        while (held := await watch.held_elsewhere(other)) < CONCURRENCY:
            tell(f"{held} of {CONCURRENCY} places held")
            await asyncio.sleep(0.1)
    fleet.kill(DOOMED)
    killed = time.monotonic()

    async def returned() -> float:
        while await watch.held_elsewhere(other):  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.1)
        return time.monotonic() - killed

    back = asyncio.create_task(returned())
    phase = await watch.phase("one killed", seconds)
    phase.facts["places returned after"] = f"{back.result():.1f} s" if back.done() else "not at all"
    view = await asyncio.to_thread(fleet.by_command, other)
    phase.facts["pointsman limits"] = f"store {view['store']}, trouble {view['trouble'] or 'none'}"
    back.cancel()


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no process is left behind
    limits = make_limits(rpm=options.rpm, window=options.window, scarce=options.scarce)
    lengths = SHORT if options.short else LONG
    with tempfile.TemporaryDirectory(prefix="pointsman-replicas-") as work, short_folder() as socket:
        fleet = Fleet(limits, Path(work), Path(socket))
        try:
            fleet.start()
            phases = asyncio.run(measure(fleet, limits, lengths, options.seed))
            notes = [machine()]
            notes += [f"{name} logged: {line}" for name, lines in fleet.logs().items() for line in lines]
        except CannotStart as error:
            print(f"bench/replicas: {error}", file=sys.stderr)
            return 1
        finally:
            tell("")
            fleet.stop()
    if options.json:
        told = [asdict(phase) for phase in phases]
        print(json.dumps({"limits": asdict(limits), "lease": LEASE, "phases": told, "notes": notes}))
    else:
        report.show(phases, limits, notes)
    return 0 if not any(phase.refused for phase in phases) else 1


if __name__ == "__main__":
    sys.exit(main())
