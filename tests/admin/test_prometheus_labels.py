from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.gateway.labels.metrics import LabelMetrics
from pointsman.gateway.metrics import Metrics
from tests.support.labels_contract import a_mark


def test_labels_are_shown_by_where_they_come_from() -> None:
    metrics = Metrics()
    assert b"pointsman_labels" not in exposition(metrics)
    metrics.labels = labels = LabelMetrics()
    labels.labelled("x", a_mark("m"))
    labels.labelled("x", a_mark("m", source="feedback"))
    labels.shadowed["x"] += 1
    labels.skip("x", "budget")
    page = exposition(metrics).decode()
    for line in (
        'pointsman_labels_total{model="m",route="x",source="shadow"} 1.0',
        'pointsman_labels_total{model="m",route="x",source="feedback"} 1.0',
        'pointsman_shadowed_total{route="x"} 1.0',
        'pointsman_shadows_skipped_total{reason="budget",route="x"} 1.0',
    ):
        assert line in page
