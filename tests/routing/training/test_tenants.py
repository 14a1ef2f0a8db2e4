from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pointsman.routing.training.tenants import ALWAYS, MOST_SHARE, weights_of


def weighing(counts: Sequence[int]) -> list[float]:
    """What tenants 0 (none), 1, 2 … weigh together."""
    tenants = [tenant for tenant, count in enumerate(counts) for _ in range(count)]
    weights = weights_of(tenants)
    return [float(weights[np.array(tenants) == tenant].sum()) for tenant in range(len(counts))]


@pytest.mark.parametrize(
    ("counts", "weigh"),
    [
        ((500,), (500,)),
        ((0, 50_000), (0, 50_000)),  # there is nobody else
        ((50_000, 300), (50_000, 300)),  # the operator's own are not held back
        ((0, 900, 800), (0, 900, 800)),  # all are needed
        ((0, 50_000, 10), (0, ALWAYS, 10)),
        ((9000, 50_000), (9000, 3000)),
        ((0, 50_000, 3000, 3000, 3000), (0, 3000, 3000, 3000, 3000)),
    ],
)
def test_no_tenant_weighs_more_than_its_share(counts: Sequence[int], weigh: Sequence[float]) -> None:
    assert weighing(counts) == pytest.approx(list(weigh), rel=0.01)


def test_a_spammer_is_held_to_a_quarter() -> None:
    weigh = weighing([0, 100_000, *[500] * 20])
    assert weigh[1] == pytest.approx(MOST_SHARE * sum(weigh), rel=0.01)
    assert weigh[2:] == [500] * 20
