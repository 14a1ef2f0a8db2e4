from __future__ import annotations

from pointsman.demo.caching.told import (
    Billed,
    BilledCall,
    Cost,
    Lane,
    Sent,
    by_hour,
    costs_by_part,
    part_reports,
)
from tests.support.caching_act import CENT, a_report

SENT = [
    Sent("questions", 9.5, "req_1", "miss"),
    Sent("questions", 9.9, "req_2", "hit"),
    Sent("boards", 23.999, "req_3", "coalesced"),
    Sent("boards", 24.0, "req_4", "miss"),
]


def test_lines_of_an_invoice_belong_to_the_part_that_asked() -> None:
    calls = [BilledCall("req_1-1", "0.01"), BilledCall("req_1-2", None), BilledCall("req_4-1", "0.02")]
    found = costs_by_part(Billed([*calls, BilledCall("", "9")], "9.03", 0), SENT)
    assert found["questions"] == Cost(2, CENT)
    assert found["boards"] == Cost(1, 2 * CENT)
    assert found["agent"] == Cost(0, 0)


def test_a_part_holds_both_invoices() -> None:
    costs = costs_by_part(Billed([BilledCall("req_1-1", "0.01")], "0.01", 0), SENT)
    without = costs_by_part(Billed([BilledCall(f"req_{n}-1", "0.01") for n in (1, 2)], "0.02", 0), SENT)
    first, boards, *_ = part_reports(SENT, costs, without)
    assert (first.requests, first.hits, first.shared, first.calls, first.calls_without) == (2, 1, 0, 1, 2)
    assert first.saved == CENT
    assert (boards.requests, boards.shared) == (2, 1)


def test_hours_and_what_was_given_again() -> None:
    counts = by_hour(SENT, lambda each: each.part == "boards")
    assert (counts[23], sum(counts), len(counts)) == (2, 2, 24)
    lane = Lane("with", 9)
    lane.sent += SENT
    lane.errors.append("x")
    assert (lane.done, lane.given_again) == (5, 2)


def test_the_difference_of_the_invoices_is_the_judge() -> None:
    report = a_report()
    assert report.saved == 66 * CENT == report.of("questions", "boards", "agent", "retries", "resumed")
    assert report.of("agent") == report.ledger.saved("autopilot") == 23 * CENT
