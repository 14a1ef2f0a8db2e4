from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.gateway.auto.routing_metrics import RoutingMetrics
from pointsman.gateway.metrics import Metrics
from tests.support.decisions import a_decision


def test_decisions_are_shown_by_route_model_and_reason() -> None:
    metrics = Metrics()
    assert b"pointsman_route_decisions" not in exposition(metrics)
    metrics.routing = routing = RoutingMetrics()
    routing.decided(a_decision(route="x", models=("m", "n"), position=0, reason="certified"))
    routing.decided(a_decision(route="x", models=("m", "n"), position=1, reason="pinned", moved="up"))
    routing.alarmed("x")
    routing.dropped = lambda: 3
    page = exposition(metrics).decode()
    for line in (
        'pointsman_route_decisions_total{model="m",reason="certified",route="x"} 1.0',
        'pointsman_route_decisions_total{model="n",reason="pinned",route="x"} 1.0',
        'pointsman_route_moves_total{direction="up",route="x"} 1.0',
        'pointsman_route_alarms_total{route="x"} 1.0',
        "pointsman_route_decisions_dropped_total 3.0",
    ):
        assert line in page
