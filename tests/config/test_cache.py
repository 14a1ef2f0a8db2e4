"""The settings of the answer cache."""

from __future__ import annotations

import pytest

from pointsman.config import load_settings
from pointsman.config.cache import CacheSettings
from pointsman.errors import ConfigurationError


def test_nothing_is_cached_unless_it_is_asked_for() -> None:
    assert load_settings({}, {}).cache == CacheSettings(
        enabled=False, max_bytes=2**28, ttl=3600.0, sampled=False
    )


def test_what_is_set_is_what_holds() -> None:
    given = {"enabled": True, "ttl": 60, "sampled": True, "max_bytes": 1 << 20}
    assert load_settings({}, {"cache": given}).cache == CacheSettings(True, 1 << 20, 60.0, True)


@pytest.mark.parametrize("given", [{"ttl": 0}, {"max_bytes": 1000}, {"max_mb": 5}])
def test_what_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="cache"):
        load_settings({}, {"cache": given})
