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

from tests.support.simulation import Broken, simulate
from tests.support.worlds import draw

_SHOWN = 5
"""Failures that are printed in full."""


def _judge(seed: int) -> tuple[int, Counter[str], str]:
    try:
        return seed, simulate(draw(seed)).counted, ""
    except Broken as broken:
        return seed, Counter(), str(broken)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.seeds", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (0)")
    parser.add_argument("--seed", type=int, help="only this one, with its world")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    if options.seed is not None:
        print(draw(options.seed))
        seed, counted, broken = _judge(options.seed)
        print(broken or f"seed {seed} holds: {_words(counted)}")
        return 1 if broken else 0
    return _many(range(options.first, options.first + options.seeds), options.workers)


def _many(seeds: range, workers: int) -> int:
    counted, failures, began = Counter[str](), list[tuple[int, str]](), time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        for done, (seed, kinds, broken) in enumerate(pool.map(_judge, seeds, chunksize=8), 1):
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
