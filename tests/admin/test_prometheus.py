"""The counters as Prometheus reads them; its own parser is the judge."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from pointsman.admin.prometheus import exposition
from pointsman.catalog import load_catalog
from pointsman.costs.savings import Baseline
from pointsman.gateway.auto.route_money import RouteMoney
from pointsman.gateway.metrics import Metrics
from tests.support.entries import make_entry
from tests.support.routed import LARGE, SMALL, a_routed


def samples(metrics: Metrics) -> dict[tuple[str, str], float]:
    text = exposition(metrics).decode()
    return {
        (sample.name, sample.labels.get("le", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_was_counted_is_exposed() -> None:
    metrics = Metrics()
    metrics.observe(make_entry())
    metrics.observe(make_entry(latency_us=2_000_000))
    found = samples(metrics)
    assert found["pointsman_requests_total", ""] == 2
    assert found["pointsman_input_tokens_total", ""] == 20
    assert found["pointsman_cost_usd_total", ""] == 0.00007
    assert found["pointsman_latency_seconds_bucket", "0.25"] == 1
    assert found["pointsman_latency_seconds_bucket", "+Inf"] == 2
    assert found["pointsman_latency_seconds_count", ""] == 2


def test_what_routes_save_is_on_the_page() -> None:
    baseline = Baseline(LARGE, frozenset({LARGE}), load_catalog().resolve(LARGE))
    metrics = Metrics(RouteMoney({"default": baseline}, lambda _, model: model))
    metrics.observe(a_routed("1", SMALL))
    found = samples(metrics)
    assert found["pointsman_route_baseline_usd_total", ""] == 0.006
    assert found["pointsman_route_compared_total", ""] == 1


def test_an_idle_gateway_exposes_no_samples() -> None:
    assert samples(Metrics()) == {}
