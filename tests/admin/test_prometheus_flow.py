"""Limits and flow as Prometheus reads them; its own parser is the judge."""

from __future__ import annotations

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from pointsman.admin.prometheus import exposition
from pointsman.admin.prometheus_flow import buckets
from pointsman.gateway.flow.histogram import Histogram
from pointsman.gateway.flow.metrics import BreakerRow, FlowView
from pointsman.gateway.metrics import Metrics
from pointsman.limits.values.view import LimitsView
from tests.support.flow import SLOTS, TPM, SomeFlow, a_view


def samples(limits: LimitsView | None, flow: FlowView | None) -> dict[tuple[str, ...], float]:
    """By name and the values of the labels, in the order of the labels' names."""
    text = exposition(Metrics(), limits, flow).decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_each_limit_and_lane_is_exposed() -> None:
    found = samples(msgspec.structs.replace(a_view(), pauses={"a": 2.5}), None)
    assert found["pointsman_paused_seconds", "a"] == 2.5
    tpm = ("tpm", "deployment", TPM.id, "openai/gpt-4o", "learned")
    assert found["pointsman_limit", *tpm] == 30_000
    assert found["pointsman_limit_used", *tpm] == 29_000
    assert found["pointsman_limit_held", *tpm] == 9_000
    assert found["pointsman_limit_queued", *tpm] == 12
    assert found["pointsman_limit_used", "concurrency", "key", SLOTS.id, "team-a", "configured"] == 4
    assert found["pointsman_queue_waiting", "openai/gpt-4o"] == 12
    assert found["pointsman_queue_oldest_seconds", "openai/gpt-4o"] == 3.25


def test_what_happened_on_the_way_is_exposed() -> None:
    flow = SomeFlow([BreakerRow("a", "open"), BreakerRow("b", "half_open"), BreakerRow("c", "closed")])
    counted = flow.counted
    counted.refused("a", "deadline")
    counted.rate_limited("a")
    counted.retried("a")
    counted.fell_back("a", "b")
    counted.hedged("a")
    counted.hedge_won("a")
    counted.waited("a", 0.3)
    found = samples(None, flow)
    assert found["pointsman_queue_refused_total", "a", "deadline"] == 1
    assert found["pointsman_upstream_rate_limited_total", "a"] == 1
    assert found["pointsman_retries_total", "a"] == 1
    assert found["pointsman_fallbacks_total", "a", "b"] == 1
    assert found["pointsman_hedges_total", "a"] == 1
    assert found["pointsman_hedges_won_total", "a"] == 1
    assert found["pointsman_queue_wait_seconds_bucket", "a", "0.5"] == 1
    assert found["pointsman_queue_wait_seconds_bucket", "a", "0.25"] == 0
    assert found["pointsman_queue_wait_seconds_sum", "a"] == 0.3
    assert [found["pointsman_breaker_state", name] for name in "abc"] == [2, 1, 0]


def test_without_limits_and_flow_none_are_exposed() -> None:
    assert samples(None, None) == {}


def test_buckets_add_up() -> None:
    histogram = Histogram()
    for seconds in (0.01, 0.2, 1e6):
        histogram.add(seconds)
    found = dict(buckets(histogram))
    assert (found["0.05"], found["0.25"], found["320.0"], found["+Inf"]) == (1, 2, 2, 3)
