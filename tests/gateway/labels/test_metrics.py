from __future__ import annotations

from pointsman.gateway.labels.metrics import REASONS, LabelMetrics
from tests.support.labels_contract import a_mark


def test_everything_is_counted_by_route() -> None:
    metrics = LabelMetrics()
    metrics.labelled("x", a_mark("m"))
    metrics.labelled("x", a_mark("m"))
    metrics.labelled("y", a_mark("m", source="feedback"))
    metrics.skip("x", "budget")
    assert dict(metrics.labels) == {("x", "m", "shadow"): 2, ("y", "m", "feedback"): 1}
    assert dict(metrics.skipped) == {("x", "budget"): 1}


def test_reasons_are_named_once() -> None:
    assert len(set(REASONS)) == len(REASONS)
