"""Simulate the whole journey in many small worlds, and judge each: python -m bench.seeds --help

Exits with 1 if anything did not hold, after printing the seed; ``--seed N`` plays that one again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from traceback import format_exception
from typing import Literal

from tests.support.crowd_verdict import judge_crowd
from tests.support.crowds import draw_crowd
from tests.support.meetings import play_meeting
from tests.support.simulation import Broken, simulate
from tests.support.virtual_time import Deadlock, TooLate
from tests.support.worlds import World, draw

Kind = Literal["worlds", "crowds", "gateways"]

_SHOWN = 5
"""Failures that are printed in full."""


def _judge(seed: int, *, kind: Kind) -> tuple[int, Counter[str], str]:
    try:
        if kind == "gateways":
            return seed, play_meeting(seed), ""
        history = simulate(draw_crowd(seed), judge_crowd) if kind == "crowds" else simulate(draw(seed))
        return seed, history.counted, ""
    except Broken as broken:
        return seed, Counter(), str(broken)
    except (AssertionError, TimeoutError, TooLate, Deadlock) as error:
        return seed, Counter(), "".join(format_exception(error))


def _world(seed: int, *, kind: Kind) -> World | None:
    return {"crowds": draw_crowd, "worlds": draw}[kind](seed) if kind != "gateways" else None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.seeds", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (0)")
    parser.add_argument("--seed", type=int, help="only this one, with its world")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--crowds", action="store_true", help="worlds in which many ask the same")
    which.add_argument("--gateways", action="store_true", help="many who ask the same at several gateways")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    kind: Kind = "gateways" if options.gateways else "crowds" if options.crowds else "worlds"
    if options.seed is not None:
        print(_world(options.seed, kind=kind) or "")
        seed, counted, broken = _judge(options.seed, kind=kind)
        print(broken or f"seed {seed} holds: {_words(counted)}")
        return 1 if broken else 0
    seeds = range(options.first, options.first + options.seeds)
    return _many(seeds, options.workers, kind=kind)


def _many(seeds: range, workers: int, *, kind: Kind) -> int:
    counted, failures, began = Counter[str](), list[tuple[int, str]](), time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        for done, (seed, kinds, broken) in enumerate(
            pool.map(partial(_judge, kind=kind), seeds, chunksize=8), 1
        ):
            counted += kinds
            if broken:
                failures.append((seed, broken))
            _progress(done, len(seeds), len(failures), time.perf_counter() - began)
    print(f"{len(seeds):,} worlds in {time.perf_counter() - began:.0f} s: {_words(counted)}")
    for _, broken in failures[:_SHOWN]:
        print(f"\n{broken}\n", file=sys.stderr)
    if failures:
        again = ", ".join(str(seed) for seed, _ in failures)
        print(f"{len(failures)} did not hold: {again}. Play one again with --seed.", file=sys.stderr)
    return 1 if failures else 0


def _progress(done: int, of: int, failed: int, seconds: float) -> None:
    if not sys.stderr.isatty() and done % max(1, of // 10) and done != of:
        return
    rate = done / max(seconds, 1e-9)
    bar = "█" * (20 * done // of) + "·" * (20 - 20 * done // of)
    line = f"{bar} {done:,} of {of:,}, {rate:.0f} a second, {(of - done) / rate:.0f} s left, {failed} failed"
    print(line, end="\r" if sys.stderr.isatty() and done < of else "\n", file=sys.stderr, flush=True)


def _words(counted: Counter[str]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counted.most_common())


if __name__ == "__main__":
    sys.exit(main())
