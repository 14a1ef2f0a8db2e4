"""What keeping a request in the ledger costs, and how long it takes to say what routing saved.

python -m bench.ledger                  # 300,000 requests, about a minute
python -m bench.ledger --entries 30000
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench.process import usual_environment
from pointsman.ledger.sqlite import SqliteLedger
from tests.support.ledger_entries import NOON_US, an_entry

GROUP = 300
"""Recorded at a time, and then a pause: at 15,000 a second a gateway has as many within its 25 ms."""
REPORT = """
import re, runpy, sys, time
from pathlib import Path
start = time.perf_counter()
sys.argv = ["pointsman", "savings", "--all", "--against", "claude-opus-5-5", "--json", "--db", sys.argv[1]]
try:
    runpy.run_module("pointsman", run_name="__main__")
except SystemExit as end:
    if end.code:
        raise
most = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(time.perf_counter() - start, int(most) / 1e3, file=sys.stderr)
"""


class Kept(msgspec.Struct, frozen=True):
    """Of one request: microseconds of CPU where it is recorded and in the ledger's thread, bytes on disk."""

    record_us: float
    thread_us: float
    size: float


async def keep(path: Path, count: int) -> Kept:
    ledger = SqliteLedger(path)
    entries = [an_entry(f"req_{number:026x}", at_us=NOON_US + number * 1000) for number in range(count)]
    recording = waiting = 0
    whole = time.process_time_ns()
    for first in range(0, count, GROUP):
        start = time.thread_time_ns()
        for entry in entries[first : first + GROUP]:
            ledger.record(entry)
        recording += time.thread_time_ns() - start
        start = time.thread_time_ns()
        await asyncio.sleep(GROUP / 15_000)
        waiting += time.thread_time_ns() - start
    start = time.thread_time_ns()
    await ledger.close()
    waiting += time.thread_time_ns() - start
    whole = time.process_time_ns() - whole
    size = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    return Kept(recording / count / 1e3, (whole - recording - waiting) / count / 1e3, size / count)


def said(path: Path) -> tuple[float, float]:
    """Seconds and MB of ``pointsman savings`` over all of it, in a process of its own with its start."""
    ended = subprocess.run(
        [sys.executable, "-c", REPORT, str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        env=usual_environment(),
    )
    seconds, size = map(float, ended.stderr.split()[-2:])
    return seconds, size


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=300_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        kept = asyncio.run(keep(path, options.entries))
        print(f"{options.entries:,} requests with one attempt each")
        print(f"  recorded     {kept.record_us:6.2f} µs of CPU on the path of the request")
        print(f"  written      {kept.thread_us:6.2f} µs of CPU in the ledger's thread")
        print(f"  kept         {kept.size:6.0f} bytes")
        seconds, size = said(path)
        print(f"pointsman savings over all of them: {seconds:.1f} s, {size:.0f} MB")


if __name__ == "__main__":
    main()
