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

from tests.support.crowd_verdict import judge_crowd
from tests.support.crowds import draw_crowd
from tests.support.simulation import Broken, simulate
from tests.support.worlds import World, draw

_SHOWN = 5
"""Failures that are printed in full."""


def _judge(seed: int, *, crowds: bool) -> tuple[int, Counter[str], str]:
    try:
        history = simulate(draw_crowd(seed), judge_crowd) if crowds else simulate(draw(seed))
        return seed, history.counted, ""
    except Broken as broken:
        return seed, Counter(), str(broken)


def _world(seed: int, *, crowds: bool) -> World:
    return draw_crowd(seed) if crowds else draw(seed)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.seeds", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (0)")
    parser.add_argument("--seed", type=int, help="only this one, with its world")
    parser.add_argument("--crowds", action="store_true", help="worlds in which many ask the same")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    if options.seed is not None:
        print(_world(options.seed, crowds=options.crowds))
        seed, counted, broken = _judge(options.seed, crowds=options.crowds)
        print(broken or f"seed {seed} holds: {_words(counted)}")
        return 1 if broken else 0
    seeds = range(options.first, options.first + options.seeds)
    return _many(seeds, options.workers, crowds=options.crowds)


def _many(seeds: range, workers: int, *, crowds: bool) -> int:
    counted, failures, began = Counter[str](), list[tuple[int, str]](), time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        for done, (seed, kinds, broken) in enumerate(
            pool.map(partial(_judge, crowds=crowds), seeds, chunksize=8), 1
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
