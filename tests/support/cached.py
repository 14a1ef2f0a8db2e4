"""An answer cache as it may stand."""

from __future__ import annotations

from pointsman.caching.shared.answers import SharedView
from pointsman.gateway.cache.metrics import CacheLine, CacheView


def a_shared_view() -> SharedView:
    return SharedView(
        connected=False,
        trouble="no answer within 0.1 s",
        encrypted=True,
        entries=900,
        bytes=500_000,
        max_bytes=1 << 20,
        hits=6,
        misses=3,
        away=1,
        unreadable={"other_key": 2},
        stored=5,
        dropped=1,
        compressed=0.25,
        led=4,
        followed=3,
        lapsed=1,
    )


def a_cache_view() -> CacheView:
    return CacheView(
        entries=7,
        bytes=4096,
        max_bytes=1 << 20,
        hits=30,
        misses=10,
        bypassed={"sampled": 4},
        stored=8,
        not_stored={"cut": 2},
        rejected=0,
        evicted=1,
        expired=0,
        saved_usd="1.25",
        lines=(
            CacheLine("team", "auto:default", hits=20, misses=4, saved_usd="1", similar=2, coalesced=3),
            CacheLine("team", "m", hits=4, misses=6, saved_usd="0.25", unpriced=1),
            CacheLine("other", "m", hits=6, bypassed=4),
        ),
    )
