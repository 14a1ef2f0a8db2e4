"""Where the gateway's time goes: run it under a profiler with the load on, and print the top functions."""

from __future__ import annotations

import pstats
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from bench.gateways import Gateway, Upstreams, start_pointsman
from bench.rounds import CROSSED, CROSSED_FLOODED, FLOODED, PLAIN, Case, offer
from bench.tools import install_py_spy

CASES = {"plain": PLAIN, "crossed": CROSSED, "flooded": FLOODED, "crossed-flooded": CROSSED_FLOODED}


def profile(
    upstreams: Upstreams, work: Path, case: Case, *, seconds: float, lines: int, sampled: bool
) -> None:
    """Print the dearest functions.

    Args:
        sampled: py-spy looks from outside 500 times a second (no cost to the gateway, C code told by its
            caller). Otherwise cProfile counts every call, which makes small functions look dear.
    """
    out = work / "profile"
    if sampled:
        spy = [str(install_py_spy()), "record", "-f", "raw", "-r", "500", "--function", "-o", str(out), "--"]
        spy += [sys.executable]
    else:
        spy = [sys.executable, "-m", "cProfile", "-o", str(out)]
    gateway = start_pointsman(upstreams, work, prefix=tuple(spy))
    try:
        offer(gateway, case, "closed", seconds)
    finally:
        _interrupt(gateway)
    if sampled:
        _print_samples(out, lines)
    else:
        pstats.Stats(str(out)).sort_stats("tottime").print_stats(lines)


def _interrupt(gateway: Gateway) -> None:
    """Ask it to end by itself, so that the profiler writes what it has."""
    assert gateway.running is not None
    gateway.running.signal(signal.SIGINT)
    for _ in range(200):
        if not gateway.running.alive:
            return
        time.sleep(0.05)
    gateway.running.stop()


def _print_samples(raw: Path, lines: int) -> None:
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for line in raw.read_text().splitlines():
        stack, _, seen = line.rpartition(" ")
        if "<frozen importlib" in stack:  # its start, not its work
            continue
        frames = stack.split(";")
        own[frames[-1]] += int(seen)
        files[frames[-1].rpartition("(")[2].partition(":")[0].rstrip(")")] += int(seen)
        for frame in set(frames):
            total[frame] += int(seen)
    everything = sum(own.values()) or 1
    print(f"{'self':>7} {'total':>7}  function (C code counts for its caller: the event loop for Runner.run)")
    for frame, count in own.most_common(lines):
        print(f"{100 * count / everything:6.1f}% {100 * total[frame] / everything:6.1f}%  {frame}")
    print(f"\n{'self':>7}  file")
    for file, count in files.most_common(lines // 2):
        print(f"{100 * count / everything:6.1f}%  {file}")
