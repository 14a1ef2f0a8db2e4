"""The benchmark of recorded answers, on recordings that are made up."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bench.replay import offline
from bench.replay.cascades import plans, play
from bench.replay.evidence import Made
from bench.replay.recordings import FLASH, HAIKU, OPUS, TIERS, Recording, graded, prices, read
from bench.replay.through import read_tables, run_policy
from pointsman.clock import SystemClock
from pointsman.config import load_settings
from pointsman.routing.cascade.offline import cost_of_calls
from pointsman.routing.evidence import Refused
from tests.support.gateway import packaged_catalog

SPLITS = ("train", "calib", "test")


def recordings(folder: Path, count: int = 12) -> list[Recording]:
    """The last ones are those that the cheap models differ on."""
    (folder / "replay").mkdir()
    with gzip.open(folder / "replay" / "gsm.jsonl.gz", "wt", encoding="utf-8") as lines:
        for number in range(count):
            answers = {}
            for at, model in enumerate(TIERS):
                said = number + (at if number >= count - 3 else 0)
                answers[model] = {"text": f'{{"answer": "{said}"}}', "correct": said == number}
            row = {"id": f"p{number}", "split": SPLITS[number % 3], "question": "q", "reference": str(number)}
            lines.write(json.dumps(row | {"prompt": f"What is {number}?", "answers": answers}) + "\n")
    return read(folder, "gsm")


def test_recorded_answers_are_graded_and_counted(tmp_path: Path) -> None:
    prompts = graded(recordings(tmp_path))
    assert len(prompts) == 12
    assert all(set(each.scores) == set(TIERS.values()) for each in prompts)
    assert all(min(pair) > 0 for each in prompts for pair in each.tokens.values())


def test_cascades_are_measured_and_split(tmp_path: Path) -> None:
    prompts = graded(recordings(tmp_path))
    today = prices(packaged_catalog(), SystemClock().now_us())
    (plan, *_) = plans()
    played = play(prompts, plan)
    found = offline.measure(played, prompts, today, draws=50)
    assert (found.prompts, found.kept, found.escalated) == (12, 1.0, 0.25)
    assert 0 < found.saving < 1
    many = offline.repeat(played, prompts, today, 0.98, 5, 0.5)
    assert (many.runs, many.certified, many.saving) == (5, 0, 0.0)
    assert offline.measure(offline.single(prompts, HAIKU), prompts, today, draws=0).kept < 1


async def test_the_gateway_says_and_costs_the_same(tmp_path: Path) -> None:
    known = recordings(tmp_path)
    prompts = graded(known)
    config, given = read_tables(tmp_path)
    waived = {"auto": {"agree": {"policy": "cascade", "pool": [HAIKU, FLASH, OPUS], "min_labels": 400}}}
    waived["auto"]["agree"] |= {"cascade": {"certified": False}, "grader": {"extract": "json:answer:number"}}
    assert given.auto["agree"].cascade.certified
    run = await run_policy(known, "auto:agree", load_settings({}, waived), config, tmp_path, {}, prompts)
    today = prices(packaged_catalog(), SystemClock().now_us())
    tokens = {each.id: each.tokens for each in prompts}
    (plan, *_) = plans()
    paid = sum(cost_of_calls(p.calls, tokens[p.id], today) for p in play(prompts, plan))
    assert run.usd == pytest.approx(paid) == pytest.approx(run.invoice_usd)
    assert (run.accuracy, run.calls) == (1.0, 27)
    assert run.savings is not None and run.savings["total"]["requests"] == 12


def test_why_nothing_is_certified_is_told() -> None:
    assert Made(Refused(reason="Label more.", labels=3)).words == "not certified: Label more."
