from __future__ import annotations

import pytest

from pointsman.limits import Scope, ScopeKind, Window, make_limit
from pointsman.limits.values.limit import (
    INPUT,
    OUTPUT,
    REQUESTS,
    SLOTS,
    TOTAL,
    UPSTREAM_INPUT,
    UPSTREAM_TOTAL,
    Dimension,
)


@pytest.mark.parametrize(
    ("kind", "dimension", "place"),
    [
        ("key", "rpm", REQUESTS),
        ("key", "input_tpm", INPUT),
        ("model", "input_tpm", UPSTREAM_INPUT),
        ("provider", "input_tpm", UPSTREAM_INPUT),
        ("deployment", "input_tpm", UPSTREAM_INPUT),
        ("key", "output_tpm", OUTPUT),
        ("deployment", "output_tpm", OUTPUT),
        ("key", "tpm", TOTAL),
        ("model", "tpm", UPSTREAM_TOTAL),
        ("deployment", "tpm", UPSTREAM_TOTAL),
        ("provider", "concurrency", SLOTS),
    ],
)
def test_a_limit_counts_as_its_owner_counts(kind: ScopeKind, dimension: Dimension, place: int) -> None:
    limit = make_limit(Scope(kind, "x"), dimension, 5, slack_us=7)
    assert (limit.place, limit.id) == (place, f"{kind}:x/{dimension}")


@pytest.mark.parametrize(
    ("dimension", "window", "slack_us"), [("tpm", "rolling", 7), ("concurrency", "slots", 0)]
)
def test_calls_at_once_have_neither_window_nor_slack(
    dimension: Dimension, window: Window, slack_us: int
) -> None:
    limit = make_limit(Scope("key", "x"), dimension, 5, window="rolling", slack_us=7)
    assert (limit.window, limit.slack_us) == (window, slack_us)
