from __future__ import annotations

from pointsman.chat import Usage
from pointsman.cli.savings.report import savings_data, savings_tables
from pointsman.ledger import Entry
from tests.cli.savings.test_report import shown, summed
from tests.cli.savings.test_spared import again
from tests.support.ledger_entries import an_attempt, an_entry
from tests.support.routed import SMALL, a_routed

MARKED = an_attempt(model=SMALL, usage=Usage(input=10, cache_read=1_000_000), breakpoints=2)
DAY: tuple[Entry, ...] = (
    a_routed("1", SMALL),
    again("2", requested="auto", model=SMALL, cache="hit", saved=1_500_000_000),
    again("3", requested=SMALL, model=SMALL, cache="hit", saved=None),
    again("4", requested=SMALL, model=SMALL, cache="coalesced", saved=2_000_000_000),
    an_entry("5", requested=SMALL, model=SMALL, attempts=(MARKED,)),
)


def test_each_capability_stands_beside_routing_and_is_counted_once() -> None:
    lines = shown(savings_tables(summed(*DAY), 80))
    assert "route routing hits shared autopilot saved" in lines
    assert "(named) · 0.0000? 0.0020 0.9000 0.9020" in lines
    assert "default 0.0045 0.0015 · · 0.0060" in lines
    assert "total 0.0045 0.0015? 0.0020 0.9000 0.9080" in lines
    text = " ".join(lines)
    for sentence in (
        "hits: 2 requests were given what was kept of an equal one, and spared what that had cost.",
        "?: what 1 of them saved is not known, and in no sum.",
        "autopilot: 1 calls with marks for the provider's prompt cache that Pointsman placed,",
        "1 requests named their model and are in no sum (see --all).",
    ):
        assert sentence in text
    assert "could not be compared; they cost" not in text


def test_without_routing_there_is_only_what_else_was_saved() -> None:
    lines = shown(savings_tables(summed(*DAY[2:]), 80))
    assert not any("Held against" in line for line in lines)
    assert "(named) · 0.0000? 0.0020 0.9000 0.9020" in lines


def test_json_is_exact() -> None:
    data = savings_data(summed(*DAY))
    assert data["capabilities"]["hits"] == {"count": 2, "saved_usd": "0.0015", "unknown": 1}
    assert data["capabilities"]["similar"] == {"count": 0, "saved_usd": "0", "unknown": 0}
    named = next(row for row in data["capabilities_by_row"] if row["route"] == "(named)")
    assert named["autopilot"] == {"count": 1, "saved_usd": "0.9", "unknown": 0}
    assert (data["total"]["requests"], data["not_routed"]) == (1, 1)


def test_by_day_they_come_in_order() -> None:
    early = again("6", at_us=0, cache="hit", saved=1)
    lines = shown(savings_tables(summed(early, *DAY, by=("day",)), 80))
    days = [line.split()[0] for line in lines if line.startswith(("1970", "2026"))]
    assert days[-2:] == ["1970-01-01", "2026-09-25"]
