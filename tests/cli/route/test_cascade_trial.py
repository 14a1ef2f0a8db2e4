from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from pointsman.catalog import load_catalog
from pointsman.cli.route.cascade_trial import PriceOf, Trial, trial_data, trial_view, try_cascade, try_shadows
from pointsman.config.auto_routes import AutoRoute, configured_autos
from pointsman.config.names import Names
from pointsman.errors import InvalidRequest
from pointsman.gateway.cascade.cascades import Cascade, make_cascade
from pointsman.routing.evidence import Certificate, Refused
from pointsman.routing.graded import grade_prompts
from pointsman.routing.label import read_labels
from tests.support.cascade_labels import LARGE, OTHER, SMALL, label_lines, shadowed
from tests.support.stack import settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
USD = 10**12
PRICES = {SMALL: 1, OTHER: 2, LARGE: 20}


def price(model: str, tokens_in: int, tokens_out: int) -> int | None:
    return PRICES[model] * (tokens_in + tokens_out) * USD


def made(**more: Any) -> tuple[AutoRoute, Cascade]:
    table = {"policy": "cascade", "pool": list(PRICES), "min_labels": 300, "grader": {"extract": "number"}}
    autos = configured_autos(
        settings(auto={"x": table | more}), Names(load_catalog(), ["anthropic", "openai"], {})
    )
    return autos["x"], make_cascade(autos["x"])


def trial(lines: list[str], priced: PriceOf = price, **more: Any) -> Trial:
    prompts = grade_prompts(read_labels(lines, "labels"))
    return try_cascade(*made(**more), prompts, priced, NOW)


def text_of(found: Trial) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(trial_view(found))
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def test_a_cascade_that_keeps_the_floor_is_certified_with_what_it_saves() -> None:
    found = trial(label_lines(600, wrong=1, differ=60))
    assert isinstance(found.outcome, Certificate)
    assert found.outcome.saving is not None
    assert found.outcome.saving.value == pytest.approx(1 - (600 * 3 + 60 * 20) / (600 * 20))
    assert (found.outcome.route, found.outcome.pool) == ("x", ("cascade", LARGE))
    data = trial_data(found)
    assert (data["certified"], data["accepted"], data["because"]) == (True, 0.9, {"agree": 540, "differ": 60})
    assert "Certified: at least 98.0%" in text_of(found)
    assert "saves 75.0%" in text_of(found)


def test_one_that_does_not_is_refused_and_says_why() -> None:
    found = trial(label_lines(600, wrong=40))
    assert isinstance(found.outcome, Refused)
    assert trial_data(found)["refused"] == found.outcome.reason
    assert "Not certified." in text_of(found)
    assert "router" not in found.outcome.reason


def test_prompts_that_lack_an_answer_are_left_out_and_told() -> None:
    lines = label_lines(400)
    found = trial([line for line in lines if not ("What is 7?" in line and OTHER in line)])
    assert found.left_out == 1
    assert "1 lack an answer" in text_of(found)


def test_labels_without_answers_say_what_is_missing() -> None:
    with pytest.raises(InvalidRequest, match='"answer"'):
        trial([line.replace('"answer"', '"note"') for line in label_lines(3)])


def test_without_prices_it_is_certified_for_quality_alone() -> None:
    found = trial(label_lines(600), lambda model, tokens_in, tokens_out: None)
    assert isinstance(found.outcome, Certificate) and found.outcome.saving is None
    assert "prices are not known" in text_of(found)


def test_shadows_of_the_same_cascade_certify_it_at_what_they_cost() -> None:
    auto, cascade = made()
    others = shadowed(5, "cascade_other")
    found = try_shadows(auto, cascade, [*shadowed(600, cascade.digest, wrong=1, differ=60), *others], NOW)
    assert isinstance(found.outcome, Certificate)
    assert found.outcome.saving is not None
    assert found.outcome.saving.value == pytest.approx(1 - (600 * 3 + 60 * 20) / (600 * 20))
    assert (found.left_out, found.outcome.router) == (5, cascade.digest)
    assert trial_data(found)["because"] == {"shadow": 540, "differ": 60}
    refused = try_shadows(auto, cascade, shadowed(600, cascade.digest, wrong=40), NOW)
    assert isinstance(refused.outcome, Refused)


def test_without_shadows_of_it_the_way_to_some_is_told() -> None:
    with pytest.raises(InvalidRequest, match=r"\[auto\.x\.shadow\]"):
        try_shadows(*made(), shadowed(5, "cascade_other"), NOW)


def test_one_that_costs_more_than_the_baseline_alone_is_refused_for_that() -> None:
    found = trial(label_lines(600, differ=600))
    assert isinstance(found.outcome, Refused)
    assert found.outcome.reason == f"It costs 15.0% more than {LARGE} alone: there is nothing to gain."
