from __future__ import annotations

import msgspec
import pytest
from rich.console import Console, RenderableType

from pointsman.cli.usage.report import (
    bar,
    entry_data,
    iso,
    one_request,
    parse_groupings,
    row_data,
    short_count,
    short_usd,
    table,
)
from pointsman.costs import PER_USD
from pointsman.errors import InvalidRequest
from pointsman.ledger import UsageRow, total
from tests.support.ledger_entries import NOON_US, a_retried_entry, an_entry


def shown(renderable: RenderableType, width: int = 80) -> str:
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def a_row(
    model: str, cost: int, *, unpriced: int = 0, estimated: int = 0, attempts: int = 12_345
) -> UsageRow:
    return UsageRow(
        {"model": model}, 12_345, 0, attempts, 699_400, 53_800, 1_820_000, cost, unpriced, estimated
    )


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.0000"),
        (1, "<0.0001"),
        (10**8 - 1, "<0.0001"),
        (10**8, "0.0001"),
        (PER_USD - 1, "1.0000"),
        (12_345 * PER_USD + 67_890_000_000, "12,345.0679"),
    ],
)
def test_costs_in_a_table(amount: int, text: str) -> None:
    assert short_usd(amount) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "·"),
        (999, "999"),
        (1000, "1.0k"),
        (9949, "9.9k"),
        (9950, "10k"),
        (699_400, "699k"),
        (999_500, "1.0M"),
        (3_900_000, "3.9M"),
        (45_000_000_000, "45G"),
        (10**18, "1,000,000T"),
    ],
)
def test_counts_in_a_table(count: int, text: str) -> None:
    assert short_count(count) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(0, 0, ""), (0, 5, ""), (1, 10**9, "▏"), (1, 2, "█" * 6), (5, 5, "█" * 12)]
)
def test_bars(part: int, whole: int, text: str) -> None:
    assert bar(part, whole) == text


def test_groupings() -> None:
    assert parse_groupings("day, model,day") == ("day", "model")
    assert parse_groupings("") == ()
    with pytest.raises(InvalidRequest, match="no column colour: --by takes model, key"):
        parse_groupings("model,colour")


def test_a_table_fits_eighty_columns_and_its_points_are_aligned() -> None:
    rows = [a_row("claude-sonnet-5-5", 27 * PER_USD), a_row("", 5 * 10**7, unpriced=4, estimated=2)]
    text = shown(table(rows, total(rows), ("model",), 80))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    (first,) = (line for line in lines if "claude-sonnet-5-5" in line)
    (second,) = (line for line in lines if "(none answered)" in line)
    (sum_,) = (line for line in lines if "total" in line)
    assert first.index("27.0000") + 2 == second.index("<0.0001") + 2 == sum_.index("27.0001") + 2
    assert "* +4?" in second and "*" not in first
    assert "24,690" in sum_ and "1.4M" in sum_
    assert "2 requests are in with an estimate" in text and "(4 in all)" in text


def test_only_what_is_worth_a_column_has_one() -> None:
    rows = [a_row("a", PER_USD), a_row("b", 3 * PER_USD)]
    narrow = shown(table(rows, total(rows), ("model",), 80))
    assert "attempts" not in narrow and "share" not in narrow and "*" not in narrow
    assert "attempts" in shown(table([a_row("a", 1, attempts=3)], a_row("a", 1, attempts=3), ("model",), 80))
    wide = shown(table(rows, total(rows), ("model",), 120), 120)
    assert "share" in wide and "█" * 9 in wide


def test_json_is_exact_and_says_what_is_unknown() -> None:
    assert row_data(a_row("m", 10**12 + 1))["cost_usd"] == "1.000000000001"
    data = entry_data(an_entry(cost=None, usage=None, ttft_us=None, attempts=()))
    assert (data["cost_usd"], data["input_tokens"], data["ttft_ms"], data["attempts"]) == (
        None,
        None,
        None,
        [],
    )
    assert [attempt["status"] for attempt in entry_data(a_retried_entry())["attempts"]] == [529, 200]


def test_one_request_is_shown_with_its_attempts() -> None:
    text = shown(one_request(a_retried_entry()), 100)
    for part in (
        "2026-09-25T12:00:00.000Z",
        "team-a (acme)",
        "sonnet → gpt-6-luna",
        "error overloaded",
        "529",
    ):
        assert part in text
    assert "?" in text and "0.00581" in text
    assert "(estimated)" in shown(one_request(an_entry(estimated=True)))
    assert "not known" in shown(one_request(an_entry(cost=None, model="")))


def test_whose_answer_it_was_and_what_that_saved() -> None:
    named = {"provider": "cache", "cost": 0, "attempts": (), "source": "req_1"}
    hit = an_entry("req_2", cache="hit", saved=5_810_000_000, **named)
    text = shown(one_request(hit))
    assert "hit req_1" in text and "0.00581" in text and "status" not in text
    assert "not known" in shown(one_request(an_entry("req_3", cache="coalesced", saved=None, **named)))
    data = entry_data(hit)
    assert (data["cache"], data["source"], data["saved_usd"]) == ("hit", "req_1", "0.00581")
    missed = shown(one_request(an_entry(cache="miss")))
    assert "miss" in missed and "saved" not in missed


def test_hits_have_a_column_where_there_are_any() -> None:
    row = a_row("m", PER_USD, attempts=12_000)
    some = msgspec.structs.replace(row, hits=345)
    assert "hits" not in shown(table([row], row, ("model",), 80))
    text = shown(table([some], some, ("model",), 80))
    assert "hits" in text and "345" in text and "attempts" not in text, "a hit makes none"
    assert row_data(some)["hits"] == 345
    retried = msgspec.structs.replace(some, attempts=12_002)
    assert "attempts" not in shown(table([retried], retried, ("model",), 80)), "there is no room for both"
    assert "12,002" in shown(table([retried], retried, ("model",), 120), 120)


def test_iso() -> None:
    assert iso(NOON_US + 1_234_567) == "2026-09-25T12:00:01.234Z"
