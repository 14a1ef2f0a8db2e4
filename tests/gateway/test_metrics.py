"""Counters of settled requests."""

from __future__ import annotations

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.costs.savings import Baseline
from pointsman.gateway.auto.route_money import RouteMoney
from pointsman.gateway.metrics import MAX_SERIES, Metrics
from tests.support.entries import make_attempt, make_entry
from tests.support.routed import LARGE, SMALL, a_routed


def test_an_entry_is_counted_once_under_its_labels() -> None:
    metrics = Metrics()
    metrics.observe(make_entry())
    metrics.observe(make_entry(usage=Usage(input=1, cache_read=4, output=2), attempts=(make_attempt(),) * 2))
    metrics.observe(make_entry(outcome="error", status=429, usage=None, cost=None, ttft_us=None))
    found = dict(metrics.series())
    ok = found["openai_chat", "anthropic", "claude-haiku-4-5", "ok", 200]
    assert (ok.requests, ok.attempts, ok.input, ok.cached, ok.output) == (2, 3, 15, 4, 7)
    assert (ok.cost, ok.unpriced, sum(ok.ttft.counts)) == (70_000_000, 0, 2)
    failed = found["openai_chat", "anthropic", "claude-haiku-4-5", "error", 429]
    assert (failed.requests, failed.cost, failed.unpriced, sum(failed.ttft.counts)) == (1, 0, 1, 0)


def test_free_names_cannot_fill_the_memory() -> None:
    metrics = Metrics()
    for number in range(MAX_SERIES + 50):
        metrics.observe(make_entry(model=f"free-{number}"))
    found = dict(metrics.series())
    assert len(found) == MAX_SERIES + 1
    assert found["openai_chat", "anthropic", "other", "ok", 200].requests == 50


def test_the_money_of_routes_is_counted_along() -> None:
    large = load_catalog().resolve(LARGE)
    metrics = Metrics(
        RouteMoney({"default": Baseline(LARGE, frozenset({LARGE}), large)}, lambda _, model: model)
    )
    metrics.observe(a_routed("1", SMALL))
    metrics.observe(a_routed("2", SMALL, requested="an alias"), "default")
    metrics.observe(a_routed("3", SMALL, requested=SMALL))
    assert metrics.money is not None
    assert [tally.requests for _, tally in metrics.money.tallies()] == [2]
