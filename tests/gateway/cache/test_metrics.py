"""The counters of the answer cache."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.caching.kept.tally import Line
from pointsman.errors import InvalidRequest
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


@pytest.mark.parametrize(("outcome", "shared"), [("ok", 1), ("cut", 1), ("error", 0), ("broken", 0)])
def test_an_error_that_is_shared_is_no_answer(outcome: str, shared: int) -> None:
    metrics = CacheMetrics()
    metrics.observe(make_entry(cache="coalesced", provider="cache", outcome=outcome, saved=7), None)
    whole = metrics.tally.whole()
    assert (whole.coalesced, whole.misses, whole.saved) == (shared, 0, 7), (
        "what was saved is money, and stays"
    )


def test_a_misspelt_condition_purges_nothing() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"modell": "m"}', type=CachePurge)


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (CachePurge(), "Say which answers to forget"),
        (CachePurge(tag="x", all=True), r"some of them \(tag\) is a contradiction"),
        (CachePurge(tenant="a", older_than=0.0, all=True), r"\(tenant, older than\)"),
        (CachePurge(tag=" "), "The tag is empty"),
    ],
)
def test_a_purge_says_what_it_means(which: CachePurge, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        which.checked()
