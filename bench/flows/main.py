"""Three times a provider's limit, by Pointsman, by naive clients with retries, and by LiteLLM's Router.

All contenders send the same requests at the same moments, each to a simulated provider of its own, which
counts. They run at the same time, but for LiteLLM: it comes after the others, since its failed attempts alone
would take the CPU that they need. See docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from itertools import count
from pathlib import Path

import msgspec

from bench.flows import report
from bench.flows.contenders import CONTENDERS, KNOWN, LITELLM, UNKNOWN
from bench.flows.figures import Counted, Figures, add_batch, add_steady, counted, outcome_of
from bench.flows.stage import Cell, Stage, World
from bench.flows.traffic import Plan, make_plan, write_plan
from bench.gateways import CannotStart
from bench.main import machine, tell
from bench.tools import install_litellm
from pointsman.demo.burst.referee import CallList, accepted_and_refused

RPM = 60
SETTLED = 40.0
"""Seconds until the bucket of a limit is empty, whoever takes from it. Whole minutes are measured from then
on, since a limit over any sixty seconds is used in bursts."""
GRACE = 120.0
"""Seconds that callers may take to end, beyond the time that they have."""
STAGGER = 4.0
"""Seconds between the batches, so that the storm of one is over before the next."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/flow", description=__doc__)
    parser.add_argument("--short", action="store_true", help="half a minute: a batch, without LiteLLM")
    parser.add_argument("--no-litellm", action="store_true", help="leave LiteLLM out (660 MB to install)")
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the tables")
    parser.add_argument(
        "--window", choices=["bucket", "rolling"], default="bucket", help="how a minute is meant"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the traffic")
    parser.add_argument("--only", action="append", help="only these contenders; may be given again")
    parser.add_argument("--seconds", type=float, default=160.0, help="of the steady traffic")
    return parser.parse_args()


def plan_for(options: argparse.Namespace) -> Plan:
    if options.short:
        return make_plan(
            rpm=RPM, seconds=30.0, settled=0.0, batch=RPM + 20, seed=options.seed
        ).without_steady()
    return make_plan(rpm=RPM, seconds=options.seconds, settled=SETTLED, batch=2 * RPM, seed=options.seed)


def cells_for(options: argparse.Namespace, plan: Plan, work: Path) -> list[Cell]:
    contenders = list(CONTENDERS)
    if options.short or options.no_litellm:
        contenders.remove(LITELLM)
    if options.short:
        contenders.remove(UNKNOWN)  # it takes a minute for what it learns, and half of one is not enough
    contenders = options.only or contenders
    worlds = [World(counts, options.window) for counts in ((True,) if options.short else (True, False))]
    number = count()
    cells = [
        Cell(contender, mode, world, work / f"cell-{next(number)}")
        for mode in (["steady"] if plan.steady else []) + ["batch"]
        for world in worlds
        for contender in contenders
    ]
    batches = [cell for cell in cells if cell.mode == "batch"]
    for turn, cell in enumerate(batches):
        cell.after = turn % 8 * STAGGER if plan.steady else 0.0
    return cells


def measure(plan: Plan, stage: Stage, cells: list[Cell]) -> dict[str, dict[str, Figures]]:
    if not cells:
        return {}
    tell(f"starting {len(cells)} simulated providers and their callers")
    stage.start(cells)
    stage.go(cells)
    begun, begun_us = time.monotonic(), time.time_ns() // 1000
    steady = [cell for cell in cells if cell.mode == "steady"]
    settled = {}
    if steady:
        _wait_until(begun + plan.settled, begun, plan)
        settled = {id(cell): counted(cell.get("/limits")) for cell in steady}
        _wait_until(begun + plan.seconds, begun, plan)
    ends = {id(cell): counted(cell.get("/limits")) for cell in steady}
    figures: dict[str, dict[str, Figures]] = {}
    for cell in cells:
        assert cell.driver is not None
        tell(f"waiting for {cell.contender}")
        cell.driver.wait(plan.seconds + GRACE)
        of_world = figures.setdefault(cell.world.name, {})
        _add(of_world.setdefault(cell.contender, Figures()), plan, cell, settled, ends, begun_us)
    return figures


def _add(
    figures: Figures,
    plan: Plan,
    cell: Cell,
    settled: dict[int, Counted],
    ends: dict[int, Counted],
    begun_us: int,
) -> None:
    if not cell.out.exists():
        figures.errors.append(f"the callers of the {cell.mode} ended without an outcome")
        return
    outcome = outcome_of(json.loads(cell.out.read_text()))
    if cell.mode == "batch":
        add_batch(figures, outcome, counted(cell.get("/limits")))
        return
    add_steady(figures, plan, outcome, settled[id(cell)], ends[id(cell)])
    calls = msgspec.convert(cell.get("/invoice"), CallList).calls
    figures.accepted_by_second, figures.refused_by_second = accepted_and_refused(calls, begun_us)


def _wait_until(moment: float, begun: float, plan: Plan) -> None:
    while (left := moment - time.monotonic()) > 0:
        tell(f"{time.monotonic() - begun:.0f} of {plan.seconds:.0f} seconds")
        time.sleep(min(1.0, left))


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no process is left behind
    plan = plan_for(options)
    with tempfile.TemporaryDirectory(prefix="pointsman-flow-") as directory:
        work = Path(directory)
        cells = cells_for(options, plan, work)
        notes = [machine()]
        litellm = None
        if any(cell.contender.startswith(LITELLM) for cell in cells):
            try:
                litellm = install_litellm().with_name("python")
            except subprocess.CalledProcessError as error:
                notes.append(f"LiteLLM could not be installed: {error}")
                cells = [cell for cell in cells if not cell.contender.startswith(LITELLM)]
        write_plan(plan, work / "plan.json")
        stage = Stage(plan, work / "plan.json", work, litellm)
        try:
            stage.make_keys()
            slow = [cell for cell in cells if cell.contender.startswith(LITELLM)]
            figures = measure(plan, stage, [cell for cell in cells if cell not in slow])
            for world, found in measure(plan, stage, slow).items():
                figures.setdefault(world, {}).update(found)
        except CannotStart as error:
            print(f"bench/flow: {error}", file=sys.stderr)
            return 1
        finally:
            tell("")
            stage.stop()
    for world, found in figures.items():
        notes += [f"{world}, {name}: {error}" for name, each in found.items() for error in each.errors]
    if options.json:
        told = {
            world: {name: asdict(each) for name, each in found.items()} for world, found in figures.items()
        }
        print(json.dumps({"rpm": plan.rpm, "window": options.window, "figures": told, "notes": notes}))
    else:
        report.show(figures, plan, notes)
    return 0 if all(KNOWN in found for found in figures.values()) or options.only else 1


if __name__ == "__main__":
    sys.exit(main())
