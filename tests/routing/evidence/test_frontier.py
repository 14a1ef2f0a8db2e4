from __future__ import annotations

import numpy as np
import pytest

from pointsman.routing.evidence.frontier import Single, best_mix, frontier, singles

COSTS = np.tile([1.0, 3.0, 10.0], (4, 1))


@pytest.mark.parametrize(
    ("scores", "dominated"),
    [
        ([[0, 1, 1]] * 2 + [[1, 1, 1]] * 2, [None, None, "b"]),
        ([[1, 0, 1]] * 4, [None, "a", "a"]),
        ([[0, 0, 0]] * 2 + [[0, 1, 1]] + [[0, 0, 1]], [None, None, None]),
    ],
)
def test_a_model_that_another_beats_at_no_more_cost_is_dominated(
    scores: list[list[float]], dominated: list[str | None]
) -> None:
    found = singles(("a", "b", "c"), np.array(scores, dtype=float), COSTS)
    assert [one.dominated_by for one in found] == dominated
    assert [one.cost for one in found] == [0.1, 0.3, 1.0]


@pytest.mark.parametrize(
    ("cost", "quality"), [(0.1, 0.2), (0.05, None), (0.2, 0.45), (0.3, 0.7), (0.65, 0.8), (2.0, 0.9)]
)
def test_the_best_mix_of_two(cost: float, quality: float | None) -> None:
    known = [
        Single("a", 0.2, 0, 0.1, None),
        Single("b", 0.7, 0, 0.3, None),
        Single("c", 0.9, 0, 1.0, None),
    ]
    assert best_mix(known, cost) == (None if quality is None else pytest.approx(quality))


def test_a_frontier_goes_from_the_baseline_to_the_cheapest() -> None:
    losses = np.array([[0.1, 0.0], [0.2, 0.1], [0.3, 0.2], [0.4, 0.3]])
    scores = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
    places = frontier(losses, scores, COSTS, singles(("a", "b", "c"), scores, COSTS))
    assert (places[0].cost, places[0].quality) == (1.0, 1.0)
    assert (places[-1].cost, places[-1].quality) == pytest.approx((0.1, 0.5))
    best = max(places, key=lambda place: place.quality - (place.mix or 0))
    assert best.mix is not None and best.quality > best.mix
    assert [place.cost for place in places] == sorted((place.cost for place in places), reverse=True)


def test_a_model_that_costs_more_than_the_baseline_is_never_chosen() -> None:
    scores = np.array([[1.0, 0.0]] * 4)
    places = frontier(np.zeros((4, 1)), scores, np.tile([5.0, 1.0], (4, 1)), ())
    assert {place.quality for place in places} == {0.0}
