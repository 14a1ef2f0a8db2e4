"""All sets: routers beside what they must beat, and what is certified of them. See ``--help``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench import tools
from bench.routing import study
from bench.routing.data import SETS, SOURCES, Chosen, load, missing
from bench.routing.litellm_scores import NAMES, ask
from bench.routing.report import Found, table
from pointsman.routing.evidence.evaluation import judge_all
from pointsman.routing.graded import Graded
from pointsman.routing.training.train import learn

DEFAULT = Path(__file__).parents[3] / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    folder = asked.data / "routing" if (asked.data / "routing").is_dir() else asked.data
    sets = [one for one in SETS if any(word.lower() in one.name.lower() for word in asked.only or [""])]
    if absent := missing(folder, sets):
        print(f"{folder} lacks {', '.join(absent)}.\n{SOURCES}", file=sys.stderr)
        return 1
    python = _litellm(asked.litellm)
    results = []
    for one in sets:
        print(f"{one.name} …", file=sys.stderr, flush=True)
        results.append(_set(folder, one, 20 if asked.quick else asked.splits, python, quick=asked.quick))
    elsewhere = {} if asked.quick or asked.only else _elsewhere(folder)
    if asked.json:
        data = {"sets": msgspec.to_builtins(results), "trained_elsewhere": elsewhere}
        print(json.dumps(data, indent=2))
    else:
        print(table(results, elsewhere))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.routing", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT, help="the folder of the parquet files")
    parser.add_argument("--only", nargs="*", help="sets whose name contains one of these")
    parser.add_argument("--splits", type=int, default=200, help="calibration/test splits of each set")
    parser.add_argument("--litellm", action="store_true", help="install LiteLLM if need be (660 MB)")
    parser.add_argument("--quick", action="store_true", help="20 splits and 100 resamples")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _litellm(install: bool) -> Path | None:
    """The Python of LiteLLM's environment."""
    command = tools.install_litellm() if install else tools.litellm()
    if command is None:
        print("LiteLLM is not installed: its heuristics are left out (--litellm)", file=sys.stderr)
        return None
    return command.parent / "python"


def _set(folder: Path, chosen: Chosen, splits: int, python: Path | None, *, quick: bool) -> Found:
    prompts, parts = load(folder, chosen)
    extra = _heuristics(prompts, python)
    crossed = study.crossed(prompts, chosen.models)
    resamples = 100 if quick else 1000
    evaluation = study.measure(crossed, extra=extra, resamples=resamples)
    test = None
    if parts.count("test") >= 100:
        held = study.held_out(prompts, parts, chosen.models)
        learned = [one for one, part in zip(prompts, parts, strict=True) if part == "train"]
        test = study.measure(held, learned=learned, resamples=resamples)
    return Found(chosen.name, chosen.models, evaluation, test, study.halves(crossed, splits))


def _heuristics(prompts: Sequence[Graded], python: Path | None) -> dict[str, study.Floats]:
    if python is None:
        return {}
    try:
        found = np.array(ask(python, [one.sample.text for one in prompts]))
    except subprocess.CalledProcessError as error:
        print(f"LiteLLM's heuristics are left out: {error.stderr[-300:]}", file=sys.stderr)
        return {}
    return {name: found[:, at] for at, name in enumerate(NAMES)}


def _elsewhere(folder: Path) -> dict[str, Any]:
    """Leave one benchmark out: trained on others with the same pair of models, and nothing of this one."""
    pairs: dict[tuple[str, ...], list[Chosen]] = {}
    for one in SETS:
        pairs.setdefault(one.models, []).append(one)
    found = {}
    for models, family in pairs.items():
        if len(family) < 2 or len(models) > 2:
            continue
        loaded = {one.name: load(folder, one)[0] for one in family}
        for name, tested in loaded.items():
            learned = [prompt for other, each in loaded.items() if other != name for prompt in each]
            router = learn(study.examples_of(learned), models).router
            pair = study.measure(judge_all(router, tested), resamples=0).pairs[0]
            found[name] = None if pair.no_gap else pair.contenders["router"].apgr
    return found
