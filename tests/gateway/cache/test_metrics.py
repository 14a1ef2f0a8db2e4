"""The counters of the answer cache."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.caching.kept.tally import Line
from pointsman.gateway.cache.metrics import CacheLine, CacheMetrics, CachePurge
from tests.support.entries import make_entry


def test_they_begin_at_nothing() -> None:
    metrics = CacheMetrics()
    assert metrics.lines() == () and metrics.tally.whole() == Line()
    assert metrics.bypassed["sampled"] == metrics.not_stored["cut"] == 0


def test_settled_requests_are_lines_by_key_and_route() -> None:
    metrics = CacheMetrics()
    metrics.observe(make_entry(key_name="k", cache="hit", provider="cache", saved=10**12), "cheap")
    metrics.observe(make_entry(key_name="k", cache="miss", model="m"), None)
    assert metrics.lines() == (
        CacheLine("k", "auto:cheap", hits=1, saved_usd="1"),
        CacheLine("k", "m", misses=1),
    )


def test_a_misspelt_condition_purges_nothing() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"modell": "m"}', type=CachePurge)
