from __future__ import annotations

import msgspec

from pointsman.admin.prometheus import exposition
from pointsman.gateway.cache.metrics import CacheView
from pointsman.gateway.metrics import Metrics
from tests.support.cached import a_cache_view
from tests.support.semantic_views import a_semantic_view


def test_hits_misses_and_refusals_are_told_by_route() -> None:
    def view() -> CacheView:
        return msgspec.structs.replace(a_cache_view(), semantic={"faq": a_semantic_view()})

    metrics = Metrics()
    metrics.cache = view
    text = exposition(metrics, None, None).decode()
    for line in (
        'pointsman_semantic_cache_requests_total{reason="",result="hit",route="faq"} 5.0',
        'pointsman_semantic_cache_requests_total{reason="refused",result="miss",route="faq"} 3.0',
        'pointsman_semantic_cache_requests_total{reason="short",result="unfit",route="faq"} 4.0',
        'pointsman_semantic_cache_refusals_total{guard="numbers",route="faq"} 2.0',
        'pointsman_semantic_cache_on{route="faq"} 1.0',
        'pointsman_semantic_cache_questions{route="faq"} 15.0',
    ):
        assert line in text
    metrics.cache = a_cache_view
    assert "pointsman_semantic" not in exposition(metrics, None, None).decode()
