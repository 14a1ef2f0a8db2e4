"""What the metrics page says of the answer cache."""

from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.gateway.metrics import Metrics
from tests.support.cached import a_cache_view


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


def test_without_there_is_nothing_of_it() -> None:
    assert b"pointsman_cache_" not in exposition(Metrics())
