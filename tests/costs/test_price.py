from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.costs import Pricer, cost_breakdown, price, worst_case
from tests.support.clock import to_us

USAGE = Usage(input=1000, output=100, cache_read=7)
ARGON = next(model for model in load_catalog().all() if model.id == "gemini-4-argon")


@pytest.mark.parametrize("at", [datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)])
def test_the_three_questions_are_those_of_a_pricer(at: datetime) -> None:
    pricer, at_us = Pricer(ARGON), to_us(at)
    assert price(ARGON, USAGE, at, tier="flex") == pricer.price(USAGE, at_us, "flex")
    assert cost_breakdown(ARGON, USAGE, at) == pricer.breakdown(USAGE, at_us)
    assert worst_case(ARGON, 1000, 100, at) == pricer.worst_case(1000, 100, at_us)


def test_a_day_begins_at_midnight_utc_wherever_the_caller_is() -> None:
    tokyo = timezone(timedelta(hours=9))
    before = price(ARGON, USAGE, datetime(2026, 12, 1, 8, 59, tzinfo=tokyo))
    after = price(ARGON, USAGE, datetime(2026, 12, 1, 9, 0, tzinfo=tokyo))
    assert after == 2 * before


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        price(ARGON, USAGE, datetime(2026, 12, 1))
