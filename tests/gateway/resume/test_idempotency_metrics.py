"""Counters of idempotency keys."""

from __future__ import annotations

from typing import get_args

from pointsman.gateway.resume import idempotency
from pointsman.gateway.resume.idempotency_metrics import IdempotencyMetrics, Result


def test_nothing_is_counted_at_first() -> None:
    metrics = IdempotencyMetrics()
    assert (dict(metrics.requests), metrics.kept, metrics.lost, metrics.evicted()) == ({}, 0, 0, 0)


def test_each_refusal_is_counted_as_a_result_that_is_known() -> None:
    assert set(idempotency._RESULTS.values()) <= set(get_args(Result))
