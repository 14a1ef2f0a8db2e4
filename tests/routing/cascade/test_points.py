from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pointsman.routing.cascade.offline import Played
from pointsman.routing.cascade.points import CASCADE, cascade_points
from pointsman.routing.evidence import Certificate, Refused, certify

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def played(count: int, losing: int, *, escalated: int = 0) -> list[Played]:
    return [
        Played(
            f"p{number}",
            0.0 if number < losing else 1.0,
            1.0,
            ("a", "b") if number >= escalated else ("a", "b", "s"),
            number >= escalated,
            "agree",
        )
        for number in range(count)
    ]


def cost(each: Played, calls: tuple[str, ...]) -> float:
    return sum({"a": 1.0, "b": 2.0, "s": 20.0}[model] for model in calls)


def test_a_cascade_is_one_policy_that_is_certified_or_not() -> None:
    points = cascade_points(played(800, 2, escalated=200), cost, "s")
    made = certify(points, pool=(CASCADE, "s"), router="cascade_1", now=NOW, prices="list prices")
    assert isinstance(made, Certificate)
    assert (made.router, made.pool, made.shares) == ("cascade_1", ("cascade", "s"), (1.0, 0.0))
    assert made.saving is not None
    assert made.saving.value == pytest.approx(1 - (600 * 3 + 200 * 23) / (800 * 20))


def test_one_that_loses_too_much_is_refused() -> None:
    points = cascade_points(played(800, 40), cost, "s")
    assert isinstance(certify(points, pool=(CASCADE, "s"), router="cascade_1", now=NOW), Refused)


def test_one_that_costs_more_than_the_baseline_is_nothing_to_certify() -> None:
    points = cascade_points(played(800, 0, escalated=800), cost, "s")
    made = certify(points, pool=(CASCADE, "s"), router="cascade_1", now=NOW)
    assert isinstance(made, Refused) and made.threshold is None
