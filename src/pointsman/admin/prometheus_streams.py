"""Resumable streams, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.resume.stream_metrics import StreamMetrics


class StreamCollector(Collector):
    def __init__(self, metrics: StreamMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        metrics = self._metrics
        begun = CounterMetricFamily(
            "pointsman_resumable_streams", "Resumable streams, those with an Idempotency-Key not among them."
        )
        begun.add_metric((), metrics.begun)
        resumed = CounterMetricFamily(
            "pointsman_stream_resumes",
            "Requests with a Last-Event-ID, or for the rest of a stream, by what came of them.",
            labels=("result",),
        )
        for result, count in list(metrics.resumed.items()):
            resumed.add_metric((result,), count)
        ended = CounterMetricFamily(
            "pointsman_stream_buffers_dropped",
            "Streams that cannot be resumed any more: expired; evicted for want of room; given up, as nobody"
            " came back; too large.",
            labels=("fate",),
        )
        for fate, lost in list(metrics.fates.items()):
            ended.add_metric((fate,), lost)
        held = GaugeMetricFamily("pointsman_stream_buffers_bytes", "Bytes of the buffers of such streams.")
        held.add_metric((), metrics.held())
        kept = GaugeMetricFamily("pointsman_stream_buffers", "Such streams, under way or ended.")
        kept.add_metric((), metrics.kept())
        return begun, resumed, ended, held, kept
