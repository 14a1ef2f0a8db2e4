from __future__ import annotations

from pointsman.gateway.flow.metrics import MOST_NAMES, FlowMetrics


def test_events_are_counted_by_name_and_detail() -> None:
    metrics = FlowMetrics()
    for why in ("deadline", "deadline", "full"):
        metrics.refused("a", why)
    metrics.rate_limited("a")
    metrics.retried("a")
    metrics.fell_back("a", "b")
    metrics.hedged("a")
    metrics.hedge_won("a")
    assert metrics.counts == {
        ("queue_refused", "a", "deadline"): 2,
        ("queue_refused", "a", "full"): 1,
        ("upstream_rate_limited", "a", ""): 1,
        ("retries", "a", ""): 1,
        ("fallbacks", "a", "b"): 1,
        ("hedges", "a", ""): 1,
        ("hedges_won", "a", ""): 1,
    }


def test_waits_are_a_histogram_by_lane() -> None:
    metrics = FlowMetrics()
    for seconds in (0.0, 0.3, 1000.0):
        metrics.waited("a", seconds)
    histogram = metrics.waits["a"]
    assert (sum(histogram.counts), histogram.counts[0], histogram.counts[-1]) == (3, 1, 1)
    assert histogram.total == 1000.3


def test_made_up_names_cannot_fill_the_memory() -> None:
    metrics = FlowMetrics()
    for number in range(MOST_NAMES + 10):
        metrics.retried(f"team/{number}")
    metrics.waited("team/0", 0.1)
    metrics.waited("one more", 0.1)
    assert len(metrics.counts) == MOST_NAMES + 1
    assert metrics.counts["retries", "other", ""] == 10
    assert set(metrics.waits) == {"team/0", "other"}
