"""What the metrics page says of resumable streams."""

from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.gateway.metrics import Metrics
from pointsman.gateway.resume.stream_metrics import StreamMetrics


def test_resumes_and_buffers_are_on_the_page() -> None:
    metrics = Metrics()
    metrics.streams = counted = StreamMetrics()
    counted.begun = 5
    counted.resumed["live"] = 3
    counted.fates["expired"] = 2
    counted.held, counted.kept = lambda: 1000, lambda: 1
    lines = exposition(metrics).decode().splitlines()
    assert "pointsman_resumable_streams_total 5.0" in lines
    assert 'pointsman_stream_resumes_total{result="live"} 3.0' in lines
    assert 'pointsman_stream_buffers_dropped_total{fate="expired"} 2.0' in lines
    assert "pointsman_stream_buffers_bytes 1000.0" in lines
    assert "pointsman_stream_buffers 1.0" in lines


def test_without_there_is_nothing_of_it() -> None:
    assert b"stream" not in exposition(Metrics())
