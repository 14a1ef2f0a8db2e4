"""What the metrics page says of the answer cache."""

from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.admin.prometheus_cache import MOST_ROUTES
from pointsman.gateway.cache.metrics import CacheMetrics
from pointsman.gateway.metrics import Metrics
from tests.support.cached import a_cache_view
from tests.support.entries import make_entry


def test_requests_answers_and_money_are_on_the_page() -> None:
    metrics = Metrics()
    metrics.cache = a_cache_view
    lines = exposition(metrics).decode().splitlines()
    for line in (
        'pointsman_cache_requests_total{reason="",result="hit"} 30.0',
        'pointsman_cache_requests_total{reason="",result="miss"} 10.0',
        'pointsman_cache_requests_total{reason="sampled",result="bypass"} 4.0',
        'pointsman_cache_answers_total{fate="stored",reason=""} 8.0',
        'pointsman_cache_answers_total{fate="refused",reason="cut"} 2.0',
        "pointsman_cache_saved_usd_total 1.25",
        "pointsman_cache_bytes 4096.0",
        "pointsman_cache_entries 7.0",
    ):
        assert line in lines


def test_routes_are_told_apart_and_bounded() -> None:
    metrics, answers = Metrics(), CacheMetrics()
    metrics.cache, metrics.answers = a_cache_view, answers
    for number in range(MOST_ROUTES + 5):
        metrics.observe(make_entry(model=f"m{number}", cache="miss"))
    metrics.observe(make_entry(model="m0", cache="hit", saved=10**12, provider="cache"), "default")
    metrics.observe(make_entry(model="m0", cache="hit", saved=10**12, provider="cache"))
    lines = exposition(metrics).decode().splitlines()
    for line in (
        'pointsman_cache_route_requests_total{result="miss",route="m0"} 1.0',
        'pointsman_cache_route_requests_total{result="hit",route="m0"} 1.0',
        'pointsman_cache_route_requests_total{result="miss",route="others"} 5.0',
        'pointsman_cache_route_requests_total{result="hit",route="others"} 1.0',
        'pointsman_cache_route_saved_usd_total{route="m0"} 1.0',
    ):
        assert line in lines
    assert sum(line.startswith("pointsman_cache_route_saved_usd_total") for line in lines) == MOST_ROUTES + 1


def test_without_there_is_nothing_of_it() -> None:
    assert b"pointsman_cache_" not in exposition(Metrics())
