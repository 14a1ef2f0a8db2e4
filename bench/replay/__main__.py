"""``python -m bench.replay --data FOLDER``: every figure of docs/cascades.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from bench.replay import evidence, offline
from bench.replay.cascades import Plan, plans, play
from bench.replay.recordings import EARLIER, OPUS, SETS, Recording, graded, prices, read
from bench.replay.through import ROUTES, Run, cascade_digests, read_tables, run_policy
from pointsman.catalog import load_catalog
from pointsman.clock import SystemClock
from pointsman.routing.cascade.offline import Price, cost_of_calls
from pointsman.routing.graded import Graded

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder with replay/*.jsonl.gz")
    parser.add_argument("--splits", type=int, default=400, help="random splits of each offline measurement")
    parser.add_argument("--offline", action="store_true", help="without the gateway")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    catalog, now = load_catalog(), SystemClock().now_us()
    today = prices(catalog, now)
    found: dict[str, Any] = {"prices_usd_per_million": {m: [a * 1e6, b * 1e6] for m, (a, b) in today.items()}}
    for name, title in SETS.items():
        recordings = read(given.data, name)
        print(f"\n## {title}, {len(recordings)} prompts")
        found[name] = alone = measure_offline(recordings, today, given.splits)
        for era, instead in EARLIER.items():
            alone[f"at prices {era}"] = at_prices(recordings, prices(catalog, now, instead))
        if not given.offline:
            found[name]["gateway"] = asyncio.run(measure_gateway(recordings, today))
    if given.json:
        print(json.dumps(found, indent=1, default=vars))


def measure_offline(recordings: list[Recording], today: dict[str, Price], splits: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in ("chosen on", "test", "all"):
        prompts = graded([r for r in recordings if part == "all" or (r.split == "test") == (part == "test")])
        rows = {model: offline.single(prompts, model) for model in recordings[0].texts}
        rows |= {plan.name: play(prompts, plan) for plan in _possible(recordings)}
        print(f"\n{part} ({len(prompts)}): quality kept [95 %], saving, escalated, p at 98 %")
        for row, played in rows.items():
            one = offline.measure(played, prompts, today)
            p = offline.floor_p(played, 0.98)
            print(
                f"  {row:32} {one.kept:7.1%} [{one.low:.1%}, {one.high:.1%}] {one.saving:7.1%} "
                f"{one.escalated:6.1%}  {p:.3f}"
            )
            found.setdefault(part, {})[row] = one
    prompts = graded(recordings)
    print(f"\n{splits} random splits, certified on the first part and measured on the rest:")
    print(f"  {'':41} certified, missed the floor, kept, saved")
    for plan in _possible(recordings):
        for share, floor in ((0.5, 0.98), (0.8, 0.98), (0.5, 0.99), (0.8, 0.99)):
            many = offline.repeat(play(prompts, plan), prompts, today, floor, splits, share)
            print(
                f"  {plan.name:29} {share:.0%}, floor {floor:.0%} {many.certified:4} {many.missed:3} "
                f"{many.kept:7.1%} {many.saving:7.1%}"
            )
            found.setdefault("splits", {})[f"{plan.name}, {share} at {floor}"] = many
    return found


def at_prices(recordings: list[Recording], other: dict[str, Price]) -> dict[str, float]:
    prompts = graded(recordings)
    return {
        plan.name: offline.measure(play(prompts, plan), prompts, other, draws=0).saving
        for plan in _possible(recordings)
    }


async def measure_gateway(recordings: list[Recording], today: dict[str, Price]) -> dict[str, Any]:
    known = [r for r in recordings if r.split != "test"]
    test = [r for r in recordings if r.split == "test"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        config, settings = read_tables(folder)
        digests, made = cascade_digests(settings), {}
        for plan in _possible(recordings):
            for route, first in ROUTES.items():
                if plan.first == first:
                    made[route] = evidence.certify_cascade(known, plan, digests[route], today)
        made["learned"] = evidence.learn(known, today)
        labelled: list[Graded] = graded(known)
        found: dict[str, Any] = {}
        print(
            f"\nthrough the gateway, the test split ({len(test)}): accuracy, kept, USD, saving, savings says"
        )
        strong: Run | None = None
        for model in (OPUS, *[m for m in recordings[0].texts if m != OPUS], *[f"auto:{r}" for r in made]):
            run = await run_policy(test, model, settings, config, folder, made, labelled)
            strong = strong or run
            _must_agree(model, run, test, today)
            found[model] = _row(model, run, strong)
            if model.startswith("auto:"):
                print(f"  {'':32} {made[model.removeprefix('auto:')].words}")
    return found


def _row(model: str, run: Run, strong: Run) -> dict[str, Any]:
    row: dict[str, Any] = {
        "accuracy": run.accuracy,
        "kept": run.accuracy / strong.accuracy,
        "usd": run.usd,
        "invoice_usd": run.invoice_usd,
        "calls": run.calls,
        "saving": 1 - run.usd / strong.usd,
        "answered_by": {
            m: sum(s.model == m for s in run.served) for m in sorted({s.model for s in run.served})
        },
    }
    if abs(run.usd - run.invoice_usd) > 1e-9:
        raise SystemExit(f"{model}: the ledger has {run.usd} USD, the providers' invoices {run.invoice_usd}")
    said = ""
    if run.savings is not None:
        total = run.savings["total"]
        row["savings"] = total
        base = float(total["baseline_usd"])
        low, high = (1 - run.usd / (float(total[f"saved_{end}_usd"]) + run.usd) for end in ("low", "high"))
        said = f"{total['saving']:.1%} [{low:.1%}, {high:.1%}] of {base:.4f}"
    print(
        f"  {model:32} {run.accuracy:7.2%} {row['kept']:7.1%} {run.usd:.4f} {row['saving']:7.1%} {said} "
        f"{row['answered_by']}"
    )
    return row


def _must_agree(model: str, run: Run, test: list[Recording], today: dict[str, Price]) -> None:
    """What was certified offline is what runs in the gateway, to the cent."""
    plan = next((p for p in plans() if p.first == ROUTES.get(model.removeprefix("auto:"))), None)
    if plan is None or {each.model for each in run.served} == {OPUS}:
        return
    prompts = graded(test)
    tokens = {each.id: each.tokens for each in prompts}
    played = play(prompts, plan)
    usd = sum(cost_of_calls(each.calls, tokens[each.id], today) for each in played)
    if abs(usd - run.usd) > 1e-9 or sum(p.score for p in played) != sum(s.correct for s in run.served):
        raise SystemExit(f"{model}: {usd} USD offline, {run.usd} through the gateway")


def _possible(recordings: list[Recording]) -> list[Plan]:
    there = set(recordings[0].texts)
    return [plan for plan in plans() if set(plan.first) <= there]


if __name__ == "__main__":
    main()
