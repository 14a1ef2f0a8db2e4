"""The counters of the answer cache."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.gateway.cache_metrics import CacheMetrics, CachePurge


def test_they_begin_at_nothing() -> None:
    metrics = CacheMetrics()
    assert (metrics.hits, metrics.misses, metrics.saved) == (0, 0, 0)
    assert metrics.bypassed["sampled"] == metrics.not_stored["cut"] == 0


def test_a_misspelt_condition_purges_nothing() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"modell": "m"}', type=CachePurge)
