"""The counters in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.costs import PER_USD
from pointsman.gateway.flow.metrics import FlowView
from pointsman.gateway.metrics import Metrics
from pointsman.limits.values.view import LimitsView

from .prometheus_cache import CacheCollector
from .prometheus_flights import FlightCollector
from .prometheus_flow import FlowCollector, LimitsCollector, buckets
from .prometheus_idempotency import IdempotencyCollector
from .prometheus_labels import LabelCollector
from .prometheus_money import MoneyCollector
from .prometheus_prompt_cache import PromptCacheCollector
from .prometheus_routing import RoutingCollector
from .prometheus_semantic import SemanticCollector
from .prometheus_streams import StreamCollector

_LABELS = ("face", "provider", "model", "outcome", "status")
_COUNTERS = (
    ("requests", "Requests of clients, settled."),
    ("attempts", "Calls to providers that these requests took."),
    ("input", "Prompt tokens, cached ones included."),
    ("cached", "Prompt tokens read from a provider's cache."),
    ("output", "Output tokens, reasoning included."),
    ("unpriced", "Requests whose cost is not known."),
    ("estimated", "Requests whose usage is an estimate."),
)
_NAMES = {"input": "input_tokens", "cached": "cached_tokens", "output": "output_tokens"}


class _GatewayCollector(Collector):
    """Reads the gateway's own numbers when it is scraped, so that a request pays for none of this."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        counters = {
            field: CounterMetricFamily(f"pointsman_{_NAMES.get(field, field)}", text, labels=_LABELS)
            for field, text in _COUNTERS
        }
        cost = CounterMetricFamily("pointsman_cost_usd", "US dollars, as far as known.", labels=_LABELS)
        latency = HistogramMetricFamily(
            "pointsman_latency_seconds", "From the request's arrival to its end.", labels=_LABELS
        )
        ttft = HistogramMetricFamily(
            "pointsman_ttft_seconds", "From arrival to the answer's first byte.", labels=_LABELS
        )
        for labels, series in self._metrics.series():
            values = [str(label) for label in labels]
            for field, family in counters.items():
                family.add_metric(values, getattr(series, field))
            cost.add_metric(values, series.cost / PER_USD)
            latency.add_metric(values, buckets(series.latency), series.latency.total)
            ttft.add_metric(values, buckets(series.ttft), series.ttft.total)
        return [*counters.values(), cost, latency, ttft]


def exposition(metrics: Metrics, limits: LimitsView | None = None, flow: FlowView | None = None) -> bytes:
    """The page. The registry is made for it alone: nothing global, so that two gateways in one process do not
    meet."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_GatewayCollector(metrics))
    if metrics.money is not None:
        registry.register(MoneyCollector(metrics.money))
    if metrics.labels is not None:
        registry.register(LabelCollector(metrics.labels))
    if metrics.routing is not None:
        registry.register(RoutingCollector(metrics.routing))
    if metrics.cache is not None:
        registry.register(CacheCollector(metrics.cache, metrics.answers))
        if metrics.cache().semantic:
            registry.register(SemanticCollector(metrics.cache))
    if metrics.flights is not None:
        registry.register(FlightCollector(metrics.flights))
    if metrics.prompt_cache is not None:
        registry.register(PromptCacheCollector(metrics.prompt_cache))
    if metrics.idempotency is not None:
        registry.register(IdempotencyCollector(metrics.idempotency))
    if metrics.streams is not None:
        registry.register(StreamCollector(metrics.streams))
    if limits is not None:
        registry.register(LimitsCollector(limits))
    if flow is not None:
        registry.register(FlowCollector(flow))
    return generate_latest(registry)
