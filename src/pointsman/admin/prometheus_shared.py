"""What replicas share of caching, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from pointsman.caching.shared.answers import SharedView


def shared_families(now: SharedView) -> Iterable[Metric]:
    requests = CounterMetricFamily(
        "pointsman_shared_cache_requests",
        "Look-ups in Redis: hit, miss, or away where it did not answer in time.",
        labels=("result",),
    )
    for result, count in (("hit", now.hits), ("miss", now.misses), ("away", now.away)):
        requests.add_metric((result,), count)
    unreadable = CounterMetricFamily(
        "pointsman_shared_cache_unreadable",
        "What is in Redis and cannot be read, by reason: misses too, where they are look-ups.",
        labels=("reason",),
    )
    for reason, count in now.unreadable.items():
        unreadable.add_metric((reason,), count)
    answers = CounterMetricFamily(
        "pointsman_shared_cache_answers",
        "Answers for Redis: stored, or dropped, as too much was waiting or it was away.",
        labels=("fate",),
    )
    answers.add_metric(("stored",), now.stored)
    answers.add_metric(("dropped",), now.dropped)
    flights = CounterMetricFamily(
        "pointsman_shared_flights",
        "Calls that replicas share: led by this one, followed to their end, or lapsed on the way.",
        labels=("part",),
    )
    for part, count in (("led", now.led), ("followed", now.followed), ("lapsed", now.lapsed)):
        flights.add_metric((part,), count)
    up = GaugeMetricFamily("pointsman_shared_cache_up", "1 if Redis answers, else 0.")
    up.add_metric((), int(now.connected))
    sizes = []
    for name, what, value in (
        ("entries", "Answers in Redis, of all replicas, as last heard.", now.entries),
        ("bytes", "What they take there, as last heard.", now.bytes),
    ):
        size = GaugeMetricFamily(f"pointsman_shared_cache_{name}", what)
        if value is not None:
            size.add_metric((), value)
        sizes.append(size)
    return requests, unreadable, answers, flights, up, *sizes
