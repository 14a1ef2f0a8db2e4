from __future__ import annotations

from typing import Any

import pytest

from pointsman.caching.shared.redis import Probe
from pointsman.cli.doctor import findings_shared as say
from tests.support.stack import settings

KEY = "a key"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, None),
        ({"cache": {"encryption_key": KEY}}, "cache.enabled is not set"),
        ({"cache": {"encryption_key": KEY, "enabled": True}}, "redis.url is not set"),
        (
            {
                "cache": {"encryption_key": KEY, "enabled": True, "shared": False},
                "redis": {"url": "u"},
            },
            "cache.shared is false",
        ),
    ],
)
def test_a_key_that_encrypts_nothing_is_told(given: dict[str, Any], why: str | None) -> None:
    found = say.not_shared(settings(**given))
    assert [one.level for one in found] == ([] if why is None else ["doubtful"])
    assert why is None or why in found[0].message


@pytest.mark.parametrize(
    ("probe", "levels", "words"),
    [
        (None, ["good"], "was not asked"),
        (Probe(""), ["good"], "not encrypted"),
        (Probe("no answer within 0.1 s"), ["wrong"], "no answer within 0.1 s"),
        (Probe("", 2 << 30, "noeviction"), ["good"], ""),
        (Probe("", 2 << 30, "allkeys-lru"), ["good", "doubtful"], "those of limits too"),
        (Probe("", 1 << 30, "noeviction"), ["good", "doubtful"], "limits need room too"),
        (Probe("", 0, "volatile-lru"), ["good"], ""),
    ],
)
def test_what_was_found_out(probe: Probe | None, levels: list[str], words: str) -> None:
    found = say.shared(settings(), probe)
    assert [one.level for one in found] == levels
    assert words in found[-1].message


def test_it_says_where_it_is_encrypted() -> None:
    (found,) = say.shared(settings(cache={"encryption_key": KEY}), Probe(""))
    assert found.message.endswith("by Redis, encrypted")
