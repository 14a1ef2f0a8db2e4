"""What was done for the prompt caches of providers, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.costs import PER_USD
from pointsman.gateway.prompt_cache.metrics import PromptCacheMetrics


class PromptCacheCollector(Collector):
    def __init__(self, metrics: PromptCacheMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        now = self._metrics
        calls = CounterMetricFamily(
            "pointsman_prompt_cache_calls",
            "Calls to providers by what was done for their cache: marked, keyed, once, or left and why.",
            labels=("done", "reason"),
        )
        calls.add_metric(("marked", ""), now.calls)
        calls.add_metric(("keyed", ""), now.keys)
        calls.add_metric(("once", ""), now.once)
        for reason, count in now.declined.items():
            calls.add_metric(("left", reason), count)
        breakpoints = CounterMetricFamily(
            "pointsman_prompt_cache_breakpoints",
            "Breakpoints that were placed, by where, and how long what is before them is kept.",
            labels=("where", "ttl"),
        )
        for (where, life), count in now.breakpoints.items():
            breakpoints.add_metric((where, life), count)
        tokens = CounterMetricFamily(
            "pointsman_prompt_cache_tokens",
            "Prompt tokens of calls with breakpoints of ours: read from the cache, or written to it.",
            labels=("how",),
        )
        tokens.add_metric(("read",), now.read)
        tokens.add_metric(("written",), now.written)
        earned = GaugeMetricFamily(
            "pointsman_prompt_cache_earned_usd",
            "What calls with breakpoints of ours would have cost without a cache, less what they cost.",
        )
        earned.add_metric((), now.earned / PER_USD)
        return calls, breakpoints, tokens, earned
