from __future__ import annotations

from pointsman.gateway.auto.routing_metrics import RoutingMetrics
from tests.support.decisions import a_decision


def test_what_is_decided_is_counted() -> None:
    metrics = RoutingMetrics()
    for reason in ("certified", "certified", "pinned"):
        metrics.decided(a_decision(reason=reason, moved="down" if reason == "pinned" else ""))
    assert metrics.decisions == {("default", "large", "certified"): 2, ("default", "large", "pinned"): 1}
    assert metrics.moves == {("default", "down"): 1}
    metrics.alarmed("default")
    assert (metrics.alarms["default"], metrics.dropped()) == (1, 0)
