from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench.flows.traffic import DEMAND, KEYS, make_plan, read_plan, write_plan

PLAN = make_plan(rpm=120, seconds=600.0, settled=60.0, batch=50, seed=1)


def test_equal_seeds_give_equal_plans() -> None:
    assert make_plan(rpm=120, seconds=600.0, settled=60.0, batch=50, seed=1) == PLAN
    assert make_plan(rpm=120, seconds=600.0, settled=60.0, batch=50, seed=2) != PLAN


def test_the_demand_is_three_times_the_limit_and_each_key_asks_for_more_than_its_share() -> None:
    assert sum(DEMAND) == pytest.approx(3.0) and min(DEMAND) > 1 / len(KEYS)
    asked = Counter(request.key for request in PLAN.steady)
    for key, demand in zip(KEYS, DEMAND, strict=True):
        assert asked[key] == pytest.approx(demand * 120 * 10, rel=0.15)


def test_arrivals_are_in_order_and_within_the_time() -> None:
    moments = [request.at for request in PLAN.steady]
    assert moments == sorted(moments)
    assert 0 < moments[0] < moments[-1] < PLAN.seconds


def test_sizes_and_streams_are_mixed_and_no_two_requests_are_the_same() -> None:
    assert {request.max_tokens for request in PLAN.steady} == {40, 120, 400}
    assert 0.4 < sum(request.stream for request in PLAN.steady) / len(PLAN.steady) < 0.6
    assert len({request.prompt for request in PLAN.steady}) == len(PLAN.steady)


def test_tokens_are_not_what_is_scarce() -> None:
    per_minute = sum(request.max_tokens + 20 for request in PLAN.steady) / 10 / 3
    assert PLAN.tpm > 1.3 * per_minute
    assert PLAN.without_steady().tpm > 0


def test_a_plan_comes_back_from_its_file(tmp_path: Path) -> None:
    write_plan(PLAN, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == PLAN
