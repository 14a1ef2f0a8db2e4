from __future__ import annotations

from random import Random

import pytest

from pointsman.routing import Judgement, Sample
from pointsman.routing.evidence.point import (
    Point,
    digest_of,
    in_random_order,
    mean_costs,
    point_of,
    position,
)
from pointsman.routing.graded import Graded
from tests.support.routing_points import pair_points


def test_a_graded_prompt_becomes_a_point() -> None:
    graded = Graded("q1", Sample("2 + 2?", tenant="acme"), "sums", {"a": 0.5, "b": 1.0}, {})
    judged = Judgement((0.6, 0.9), (0.3, 0.0), 0.8)
    made = point_of(graded, judged, ("a", "b"), (1.0, 5.0), "shadow")
    assert made == Point((0.3, 0.0), (0.5, 1.0), (1.0, 5.0), 0.8, "q1", "acme", "shadow")
    with pytest.raises(KeyError):
        point_of(graded, judged, ("a", "c"), (1.0, 5.0))


@pytest.mark.parametrize(
    ("threshold", "familiar", "chosen"),
    [(0.05, 0.0, 2), (0.15, 0.0, 1), (0.35, 0.0, 0), (0.35, 0.6, 2)],
)
def test_a_policy_takes_the_cheapest_below_its_threshold(
    threshold: float, familiar: float, chosen: int
) -> None:
    point = Point((0.3, 0.1, 0.0), (0, 0, 0), (1, 2, 3), familiarity=0.5)
    assert position(point, (1, 2, 3), threshold, familiar) == chosen


def test_the_order_has_nothing_to_do_with_how_points_came() -> None:
    points = pair_points(Random(1), 50)
    mixed = Random(2).sample(points, 50)
    assert in_random_order(mixed) == in_random_order(points) != points
    assert digest_of(mixed) == digest_of(points) != digest_of(points[1:])


def test_costs_are_means() -> None:
    points = [Point((0.0, 0.0), (0, 0), (1.0, 5.0)), Point((0.0, 0.0), (0, 0), (3.0, 7.0))]
    assert mean_costs(points) == (2.0, 6.0)
    with pytest.raises(ValueError, match="no points"):
        mean_costs([])
