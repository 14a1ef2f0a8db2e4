from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console, RenderableType

from pointsman.cli.savings.report import nothing_said, savings_data, savings_tables
from pointsman.cli.savings.sum import Column, Learned, Savings
from pointsman.config import load_settings
from pointsman.costs.ratio import PER_ONE, Bounds, TokenRatio
from pointsman.gateway.auto.baselines import identify_with, read_models
from pointsman.ledger import Entry
from tests.support.routed import LARGE, SMALL, a_routed, failed

SETTINGS = load_settings({}, {"auto": {"default": {"pool": [SMALL, LARGE]}}})
MODELS = read_models(SETTINGS)
IDENTIFY = identify_with(SETTINGS, MODELS.catalog)
NO_RATIOS: Mapping[str, TokenRatio] = {}


def summed(
    *entries: Entry,
    by: tuple[Column, ...] = ("route",),
    ratios: Mapping[str, TokenRatio] = NO_RATIOS,
    against: str | None = None,
) -> Savings:
    learned = Learned(ratios, {"shadowed": 7})
    found = Savings(by, MODELS, IDENTIFY, lambda route, baseline: learned, against=against)
    for entry in entries:
        found.take(entry)
    return found


def shown(renderable: RenderableType, width: int = 80) -> list[str]:
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    assert max(map(len, captured.get().splitlines())) <= width
    return [" ".join(line.split()) for line in captured.get().splitlines()]


ENTRIES = (
    a_routed("1", SMALL),
    a_routed("2", LARGE, estimated=True),
    a_routed("3", SMALL, LARGE),
    a_routed("4", LARGE, requested="shadow:default"),
    a_routed("5", SMALL, requested="judge:default", cost=None),
    failed("6"),
    a_routed("7", SMALL, requested="auto:gone", cost=None),
    a_routed("8", SMALL, requested=SMALL),
)


def test_a_report_says_where_its_figures_come_from() -> None:
    lines = shown(savings_tables(summed(*ENTRIES), 80))
    assert lines[0] == f"Held against {LARGE}, the baseline of [auto.default]."
    assert "default 3 0.0180 0.0210 −0.0030 −16.7 % 1" in lines
    assert "gone 0 0.0000 0.0000 0.0000 – 1" in lines
    assert "total 3 0.0180 0.0210 −0.0030 −16.7 % 2" in lines
    text = " ".join(lines)
    for sentence in (
        "Paid: 0.0135 for answers, 0.0015 for further attempts (escalations, repeats), 0.0060 for 1 shadows,"
        " 0.0000 for 1 judges.",
        "1 went to the baseline alone: they save nothing.",
        "1 were escalated to it: its own cost counts.",
        "1 are priced on it with their tokens as they are: fewer than 30 labels tell how many",
        "1 are in with an estimate of usage that was never reported.",
        "The cost of 1 shadows or judges is not known, and in no sum.",
        "2 requests could not be compared; they cost 0.0000 and what 1 did cost, which is not known:",
        "1 no answer: 0.0000",
        "1 baseline unknown: 0.0000 and what 1 did cost, which is not known",
        "1 requests named their model and are in no sum (see --all).",
    ):
        assert sentence in text
    assert "between" not in text


def test_a_wide_one_has_the_parts_of_what_was_paid() -> None:
    lines = shown(savings_tables(summed(*ENTRIES, by=("model", "tenant")), 120), 120)
    assert f"{SMALL} acme 1 0.0060 0.0015 0.0000 0.0000 0.0000 0.0015 0.0045 75 % 1" in lines
    assert "(none answered) acme 0 0.0000 0.0000 0.0000 0.0000 0.0000 0.0000 0.0000 – 1" in lines


def test_bounds_are_told_where_there_are_some() -> None:
    ratios = {SMALL: TokenRatio(40, Bounds(), Bounds(2 * PER_ONE, PER_ONE, 3 * PER_ONE))}
    text = " ".join(shown(savings_tables(summed(a_routed("1", SMALL), ratios=ratios), 80)))
    assert "1 are priced on it with tokens corrected by what labels measured." in text
    assert "Saved: between 0.0045 and 0.0085, by the error of the measured tokens; the less if" in text


def test_shadows_are_told() -> None:
    text = " ".join(shown(savings_tables(summed(a_routed("shadowed", SMALL)), 80)))
    assert "1 it answered too, unseen, as a shadow: what that cost counts." in text


def test_who_it_is_held_against() -> None:
    assert shown(savings_tables(summed(*ENTRIES, against="opus-4"), 80))[0] == (
        "Held against claude-opus-4-20250514, as asked for."
    )
    alone = summed(a_routed("7", SMALL, requested="auto:gone"))
    assert shown(savings_tables(alone, 80))[0] == "No baseline is known."
    ours = summed(a_routed("4", LARGE, requested="shadow:default"), against="opus-4")
    assert shown(savings_tables(ours, 80))[0] == "Held against claude-opus-4-20250514, as asked for."


def test_why_there_is_nothing() -> None:
    path = Path("ledger.db")
    assert "The ledger ledger.db has no routed request" in nothing_said(summed(), path)
    named = nothing_said(summed(a_routed("8", SMALL, requested=SMALL)), path)
    assert "1 named their model" in named and "--all --against MODEL" in named


def test_data_is_exact() -> None:
    data = savings_data(summed(*ENTRIES))
    assert data["baselines"] == {"default": LARGE, "gone": None}
    assert data["not_routed"] == 1
    row = data["rows"][1]
    assert (row["route"], row["requests"], row["saved_usd"], row["shadow_calls"]) == (
        "default",
        3,
        "-0.003",
        1,
    )
    assert row["not_compared"] == {"no answer": {"requests": 1, "cost_usd": "0", "unknown_cost": 0}}
    assert data["total"]["baseline_known_by"] == {"as it is": 1, "only the baseline": 1, "escalated": 1}
    assert data["rows"][0]["saving"] is None
