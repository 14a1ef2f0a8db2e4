"""What the metrics page says of idempotency keys."""

from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.gateway.metrics import Metrics
from pointsman.gateway.resume.idempotency_metrics import IdempotencyMetrics


def test_requests_and_answers_are_on_the_page() -> None:
    metrics = Metrics()
    metrics.idempotency = counted = IdempotencyMetrics()
    counted.requests["replayed"] = 3
    counted.kept = 2
    counted.evicted = lambda: 1
    lines = exposition(metrics).decode().splitlines()
    assert 'pointsman_idempotent_requests_total{result="replayed"} 3.0' in lines
    assert 'pointsman_idempotent_answers_total{fate="kept"} 2.0' in lines
    assert 'pointsman_idempotent_answers_total{fate="lost"} 0.0' in lines
    assert 'pointsman_idempotent_answers_total{fate="evicted"} 1.0' in lines


def test_without_there_is_nothing_of_it() -> None:
    assert b"idempotent" not in exposition(Metrics())
