from __future__ import annotations

from math import inf

import pytest

from pointsman.routing.judgement import choose


@pytest.mark.parametrize(
    ("losses", "costs", "threshold", "chosen"),
    [
        ((0.1, 0.0), (1.0, 5.0), 0.2, 0),
        ((0.1, 0.0), (1.0, 5.0), 0.1, 1),  # must be below, not at
        ((0.1, 0.0), (1.0, 5.0), -inf, 1),
        ((0.9, 0.0), (1.0, 5.0), inf, 0),
        ((-0.1, 0.0), (9.0, 5.0), inf, 1),  # dearer than the baseline
        ((0.3, 0.1, 0.0), (1.0, 2.0, 5.0), 0.2, 1),
        ((0.3, 0.1, 0.0), (1.0, 2.0, 5.0), 0.4, 0),
        ((0.3, 0.1, 0.0), (2.0, 2.0, 5.0), 0.4, 1),  # of equal costs the better
        ((0.1, 0.3, 0.0), (2.0, 2.0, 5.0), 0.4, 0),
        ((0.1, 0.0), (5.0, 5.0), 0.4, 1),  # nothing gained
    ],
)
def test_the_cheapest_whose_loss_is_below_the_threshold(
    losses: tuple[float, ...], costs: tuple[float, ...], threshold: float, chosen: int
) -> None:
    assert choose(losses, costs, threshold) == chosen


def test_more_risk_never_costs_more() -> None:
    losses, costs = (0.5, 0.2, 0.3, 0.0), (1.0, 3.0, 2.0, 9.0)
    spent = [costs[choose(losses, costs, step / 20)] for step in range(-1, 15)]
    assert spent == sorted(spent, reverse=True)
    assert (spent[0], spent[-1]) == (9.0, 1.0)
