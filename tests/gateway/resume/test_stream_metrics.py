"""Counters of resumable streams."""

from __future__ import annotations

from typing import get_args

from pointsman.gateway.resume import event_ids
from pointsman.gateway.resume.event_ids import EventId
from pointsman.gateway.resume.stream_metrics import RESUMED, Resumed, StreamMetrics


def test_nothing_is_counted_at_first() -> None:
    metrics = StreamMetrics()
    assert (metrics.begun, dict(metrics.resumed), dict(metrics.fates)) == (0, {}, {})
    assert (metrics.held(), metrics.kept()) == (0, 0)


def test_each_refusal_is_counted_as_a_result_that_is_known() -> None:
    assert set(RESUMED.values()) <= set(get_args(Resumed))
    last = EventId("req_1", 1)
    errors = (event_ids.stream_gone("req_1"), event_ids.other_body("req_1"), event_ids.no_such_event(last))
    assert {error.code for error in errors} == set(RESUMED)
