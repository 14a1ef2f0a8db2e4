from __future__ import annotations

import numpy as np
import pytest

from pointsman.routing.evidence.bootstrap import bootstrap, interval
from pointsman.routing.evidence.curve import Order


def drawn(n: int) -> dict[str, Order]:
    rng = np.random.default_rng(3)
    gains = rng.choice([0.0, 1.0], n)
    good = gains + rng.normal(0, 1, n)
    return {"good": Order(good, gains), "coin": Order(np.zeros(n), gains), "same": Order(good * 2, gains)}


def test_intervals_are_around_what_they_are_of_and_narrow_with_prompts() -> None:
    few, many = bootstrap(drawn(200), 200, 200), bootstrap(drawn(3200), 3200, 200)
    assert few["coin"].apgr == pytest.approx((0.5, 0.5))
    widths = [found["good"].apgr[1] - found["good"].apgr[0] for found in (few, many)]
    assert widths[1] < widths[0] / 2
    assert many["good"].apgr[0] > 0.5


def test_differences_are_paired() -> None:
    found = bootstrap(drawn(200), 200, 200)
    assert found["same"].ahead == (0.0, 0.0)
    assert found["coin"].ahead[1] < 0


def test_the_seed_decides() -> None:
    assert bootstrap(drawn(100), 100, 100, seed=1) == bootstrap(drawn(100), 100, 100, seed=1)


def test_what_is_no_number_is_left_out() -> None:
    assert interval(np.array([1.0, np.inf, np.nan])) == (1.0, 1.0)
    assert np.isnan(interval(np.array([np.nan]))[0])
