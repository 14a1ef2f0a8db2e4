"""The stores that settings name."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.config.flow import RedisSettings
from pointsman.errors import ConfigurationError
from pointsman.gateway.stores import shared_limits
from pointsman.secret import Secret
from tests.support.stack import settings


def test_without_redis_there_is_none() -> None:
    assert shared_limits(settings(), {}) is None


async def test_redis_is_not_connected_to_before_it_is_needed() -> None:
    given = msgspec.structs.replace(settings(), redis=RedisSettings(url=Secret("env:WHERE")))
    store = shared_limits(given, {"WHERE": "redis://:hush@127.0.0.1:1/0"})
    assert store is not None
    assert "hush" not in repr(store)
    assert not store.health().connected
    await store.close()


def test_an_address_that_is_none_is_told_without_showing_it() -> None:
    given = msgspec.structs.replace(settings(), redis=RedisSettings(url=Secret("http://:hush@host")))
    with pytest.raises(ConfigurationError, match=r"redis\.url") as caught:
        shared_limits(given, {})
    assert "hush" not in str(caught.value)
