from __future__ import annotations

import msgspec

from pointsman.admin.prometheus_shared import shared_families
from pointsman.caching.shared.answers import SharedView
from tests.support.cached import a_shared_view


def told(view: SharedView) -> dict[tuple[str, str], float]:
    return {
        (sample.name.removeprefix("pointsman_shared_"), "".join(sample.labels.values())): sample.value
        for family in shared_families(view)
        for sample in family.samples
    }


def test_what_replicas_share() -> None:
    assert told(a_shared_view()) == {
        ("cache_requests_total", "hit"): 6,
        ("cache_requests_total", "miss"): 3,
        ("cache_requests_total", "away"): 1,
        ("cache_unreadable_total", "other_key"): 2,
        ("cache_answers_total", "stored"): 5,
        ("cache_answers_total", "dropped"): 1,
        ("flights_total", "led"): 4,
        ("flights_total", "followed"): 3,
        ("flights_total", "lapsed"): 1,
        ("cache_up", ""): 0,
        ("cache_entries", ""): 900,
        ("cache_bytes", ""): 500_000,
    }


def test_what_was_not_heard_yet_is_unknown_and_not_zero() -> None:
    view = msgspec.structs.replace(a_shared_view(), entries=None, bytes=None, connected=True)
    assert ("cache_entries", "") not in told(view)
    assert told(view)["cache_up", ""] == 1
