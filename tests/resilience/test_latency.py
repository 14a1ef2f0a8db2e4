"""Quantiles of a stream of times, against sorting them."""

from __future__ import annotations

from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.resilience import Latency
from pointsman.resilience.latency import RELATIVE_ERROR


def filled(samples: list[float], now: float = 0.0) -> Latency:
    latency = Latency(now)
    for sample in samples:
        latency.observe(sample, now)
    return latency


def exactly(samples: list[float], q: float) -> float:
    return sorted(samples)[max(0, ceil(q * len(samples)) - 1)]


@given(
    samples=st.lists(st.floats(0.001, 1_000.0), min_size=1, max_size=200),
    q=st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]),
)
def test_within_the_width_of_a_bucket(samples: list[float], q: float) -> None:
    assert filled(samples).quantile(q) == pytest.approx(exactly(samples, q), rel=RELATIVE_ERROR * 1.001)


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
def test_of_ten_thousand_log_normal_times(q: float) -> None:
    dice = Random(7)
    samples = [dice.lognormvariate(-0.5, 0.8) for _ in range(10_000)]
    assert filled(samples).quantile(q) == pytest.approx(exactly(samples, q), rel=0.05)


def test_without_samples_it_is_not_known() -> None:
    assert Latency(0.0).quantile(0.95) is None


@pytest.mark.parametrize(("sample", "told"), [(0.0, 0.001), (1e-9, 0.001), (1e6, 1024.0)])
def test_what_is_outside_falls_into_the_ends(sample: float, told: float) -> None:
    assert filled([sample]).quantile(0.5) == pytest.approx(told, rel=0.1)


def test_what_was_is_forgotten() -> None:
    latency = Latency(0.0, half_life=60.0)
    for _ in range(1_000):
        latency.observe(8.0, 0.0)
    assert latency.quantile(0.5) == pytest.approx(8.0, rel=0.05)
    for _ in range(100):
        latency.observe(0.5, 600.0)
    assert latency.quantile(0.5) == pytest.approx(0.5, rel=0.05)
    assert latency.count == pytest.approx(100 + 1_000 / 2**10)


def test_a_new_time_is_told_soon_and_another_quantile_at_once() -> None:
    latency = filled([1.0] * 100)
    assert latency.quantile(0.99) == pytest.approx(1.0, rel=0.05)
    for _ in range(3):
        latency.observe(9.0, 0.0)
    assert latency.quantile(0.99) == pytest.approx(9.0, rel=0.05)
    assert latency.quantile(0.5) == pytest.approx(1.0, rel=0.05)
