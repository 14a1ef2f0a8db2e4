from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.flows.contenders import KNOWN, LOOP
from bench.flows.drive import Outcome, Record
from bench.flows.figures import Counted, Figures, add_batch, add_steady, counted, jain
from bench.flows.report import ratios, show
from bench.flows.traffic import Plan, Request

PLAN = Plan(60, 180.0, 60.0, (Request(0.0, "one", "p", 40, False),), (Request(0.0, "one", "p", 40, False),))


@pytest.mark.parametrize(
    ("shares", "index"), [([5, 5, 5, 5], 1.0), ([7, 0, 0, 0], 0.25), ([3, 1], 0.8), ([0, 0], None)]
)
def test_jain(shares: list[float], index: float | None) -> None:
    assert jain(shares) == (index if index is None else pytest.approx(index))


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=9), st.floats(0.1, 1e3))
def test_jain_goes_by_proportion_alone(shares: list[float], times: float) -> None:
    index = jain(shares)
    assert index is not None and 1 / len(shares) <= index * 1.000001 and index <= 1.000001
    assert jain([share * times for share in shares]) == pytest.approx(index)


def test_the_simulators_count_is_read() -> None:
    model = {
        "limits": {"requests": {"total": 7}, "tokens": {"total": 900}, "concurrency": {"total": 7}},
        "rejected_429": {"requests": 2, "tokens": 1},
    }
    assert counted({"models": [model]}) == Counted(7, 900, 3)
    assert counted({"models": []}) == Counted(0, 0, 0)


def test_only_what_ended_when_all_had_settled_is_measured() -> None:
    records = [
        Record("one", 1.0, 59.0, "ok", 10),
        Record("one", 55.0, 61.0, "ok", 10),
        Record("two", 70.0, 74.0, "ok", 30),
        Record("two", 70.0, 71.0, "failed", 0, "RateLimitError: no"),
        Record("three", 70.0, 130.0, "gave up", 0, "TimeoutError: "),
    ]
    figures = Figures()
    add_steady(figures, PLAN, Outcome(records, unfinished=4), Counted(100, 0, 3), Counted(220, 0, 80))
    assert figures.goodput == pytest.approx(1.0)
    assert figures.refused == 80
    assert figures.refused_share == pytest.approx(80 / 300)
    assert (figures.answered, figures.failed, figures.gave_up, figures.unfinished) == (2, 2, 1, 4)
    assert (figures.wait_p50, figures.wait_p99, figures.failed_after_p50) == (4.0, 6.0, 1.0)
    assert figures.tokens_per_minute == pytest.approx(20.0)
    assert figures.by_key == {"greedy": 0, "one": 1, "two": 1, "three": 0}
    assert figures.jain == pytest.approx(0.5)
    assert figures.errors == ["1 × RateLimitError: no", "1 × TimeoutError:"]


def test_errors_of_a_batch_are_counted_over_all_passes() -> None:
    records = [Record("one", 0.0, 1.0, outcome) for outcome in ("failed", "ok", "failed", "ok")]
    figures = Figures()
    add_batch(figures, Outcome(records, completed=30.0), Counted(2, 0, 9))
    assert (figures.batch_seconds, figures.batch_failures, figures.batch_refused) == (30.0, 2, 9)


def test_ratios_stand_beside_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    own = Figures(goodput=0.99, refused=0, failed=10, wait_p50=8.0, batch_seconds=60.0, jain=1.0)
    other = Figures(goodput=0.66, refused=4000, failed=90, wait_p50=4.0, batch_seconds=90.0)
    assert ratios({LOOP: other}) == []
    (line,) = ratios({KNOWN: own, LOOP: other})
    assert "goodput ×1.50" in line and "429s 0 against 4,000" in line and "batch time ×0.67" in line
    assert "wait p50 ×2.00" in line
    own.accepted_by_second, other.refused_by_second = [2] * 180, [40] * 90
    show({"refused requests count": {KNOWN: own, LOOP: other}}, PLAN, ["a note"])
    said = io.StringIO(capsys.readouterr().out).read()
    assert "99.0 %" in said and "4,000" in said and "note: a note" in said and "█" in said
