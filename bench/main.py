"""Measures Pointsman against nginx as a plain proxy and against LiteLLM's proxy. See docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import table
from bench.gateways import (
    CannotStart,
    Gateway,
    Upstreams,
    direct,
    start_bare,
    start_litellm,
    start_nginx,
    start_pointsman,
    start_upstreams,
)
from bench.hotspots import CASES, profile
from bench.imports import import_times
from bench.rounds import FULL, SHORT, Measurement, as_json
from bench.tools import install_litellm


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/overhead", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a minute, without LiteLLM: for a quick look")
    parser.add_argument(
        "--no-litellm", action="store_true", help="leave LiteLLM out (it is 660 MB to install)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the tables")
    parser.add_argument(
        "--profile",
        nargs="?",
        const="plain",
        choices=sorted(CASES),
        help="print where Pointsman's time goes under this load, and measure nothing",
    )
    parser.add_argument("--cprofile", action="store_true", help="with --profile: count calls, do not sample")
    parser.add_argument("--lines", type=int, default=40, help="with --profile: how many functions")
    return parser.parse_args()


def tell(message: str) -> None:
    print(f"\r\x1b[2K{message}", end="", file=sys.stderr, flush=True)


def start_all(upstreams: Upstreams, work: Path, notes: list[str], *, litellm: bool) -> list[Gateway]:
    """Those that can be started; why the others cannot is noted."""
    gateways = [direct(upstreams)]
    starters: list[Callable[[], Gateway]] = [
        lambda: start_nginx(upstreams, work),
        lambda: start_bare(work),
        lambda: start_pointsman(upstreams, work),
    ]
    if litellm:
        starters.append(lambda: start_litellm(upstreams, work, install_litellm()))
    for starter in starters:
        try:
            gateways.append(starter())
            notes += [f"{gateways[-1].name}: {note}" for note in gateways[-1].notes]
        except (CannotStart, subprocess.CalledProcessError) as error:
            notes.append(str(error))
    return gateways


def machine() -> str:
    info = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), "?")
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}"


def measure(options: argparse.Namespace, upstreams: Upstreams, work: Path) -> int:
    notes = [machine()]
    if not upstreams.plain_is_nginx:
        notes.append("nginx is missing (on Debian: apt install nginx), so the plain upstream is Python too")
    gateways: list[Gateway] = []
    effort = SHORT if options.short else FULL
    imports = import_times(3 if options.short else 7)
    try:
        gateways = start_all(upstreams, work, notes, litellm=not (options.short or options.no_litellm))
        measurement = Measurement(gateways, upstreams, effort)
        measurement.run(tell)
    finally:
        tell("")
        for gateway in gateways:
            if gateway.running:
                gateway.running.stop()
    notes += [f"{name}: {text}" for name, each in measurement.figures.items() for text in each.problems]
    if options.json:
        goals = [{**goal._asdict(), "met": goal.met} for goal in table.goals(measurement.figures, imports)]
        found = as_json(measurement.figures)
        print(json.dumps({"figures": found, "imports_ms": imports, "goals": goals, "notes": notes}))
    else:
        table.show(measurement.figures, imports, notes)
    return 0 if any(gateway.name == "pointsman" for gateway in gateways) else 1


def main() -> int:
    options = arguments()
    if not Path("/proc/self/stat").exists():
        print("bench/overhead: needs Linux, because it reads CPU times from /proc", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="pointsman-bench-") as directory:
        work = Path(directory)
        work.chmod(0o755)
        upstreams = start_upstreams(work)
        try:
            if options.profile:
                case = CASES[options.profile]
                sampled = not options.cprofile
                profile(upstreams, work, case, seconds=5, lines=options.lines, sampled=sampled)
                return 0
            return measure(options, upstreams, work)
        except CannotStart as error:
            print(f"bench/overhead: {error}", file=sys.stderr)
            return 1
        finally:
            for process in upstreams.processes:
                process.stop()


if __name__ == "__main__":
    sys.exit(main())
