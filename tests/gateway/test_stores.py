"""The stores that settings name."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import Any

import msgspec
import pytest

from pointsman.config.flow import RedisSettings
from pointsman.errors import ConfigurationError
from pointsman.gateway.stores import redis_changed, shared_cache, shared_idempotency, shared_limits
from pointsman.limits.shared.redis import Health
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


@pytest.mark.parametrize(
    ("cache", "redis", "shares"),
    [
        ({"enabled": True}, {"url": "env:WHERE"}, True),
        ({}, {"url": "env:WHERE"}, False),
        ({"enabled": True}, {}, False),
        ({"enabled": True, "shared": False}, {"url": "env:WHERE"}, False),
    ],
)
async def test_answers_are_shared_where_there_is_redis_and_a_cache(
    cache: dict[str, Any], redis: dict[str, Any], shares: bool
) -> None:
    given = settings(cache=cache, redis=redis)
    sharing = shared_cache(given, {"WHERE": "redis://:hush@127.0.0.1:1/0"})
    assert (sharing is not None) is shares
    if sharing is not None:
        assert not sharing.view().connected and not sharing.view().encrypted
        await sharing.close()


def test_a_key_for_answers_is_read_from_where_it_is_named() -> None:
    given = settings(
        cache={"enabled": True, "encryption_key": "env:KEY"}, redis={"url": "redis://127.0.0.1:1"}
    )
    sharing = shared_cache(given, {"KEY": b64encode(b"k" * 32).decode()})
    assert sharing is not None and sharing.view().encrypted
    for environment in ({}, {"KEY": "hush"}):
        with pytest.raises(ConfigurationError, match=r"cache\.encryption_key") as caught:
            shared_cache(given, environment)
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("cache", [{}, {"enabled": True}, {"enabled": True, "shared": False}])
def test_what_is_no_key_is_refused_before_it_is_needed(cache: dict[str, Any]) -> None:
    key = b64encode(b"k" * 32).decode()
    assert shared_cache(settings(cache=cache | {"encryption_key": key}), {}) is None
    for wrong in ("hush", "env:KEY"):
        with pytest.raises(ConfigurationError, match=r"cache\.encryption_key") as caught:
            shared_cache(settings(cache=cache | {"encryption_key": wrong}), {})
        assert "hush" not in str(caught.value)


def test_an_address_that_is_none_is_told_without_showing_it() -> None:
    given = msgspec.structs.replace(settings(), redis=RedisSettings(url=Secret("http://:hush@host")))
    with pytest.raises(ConfigurationError, match=r"redis\.url") as caught:
        shared_limits(given, {})
    assert "hush" not in str(caught.value)


def test_what_is_logged_where_redis_goes_and_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trouble = "no answer within 0.1 s"
    redis_changed(Health(False, 0, trouble, None, 0.0))
    redis_changed(Health(True, 0, "", 1, 1.0))
    redis_changed(Health(True, 0, "", 2, 0.5))
    redis_changed(Health(False, 0, trouble, 4, 0.25))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "WARNING",
            "Redis is away: no answer within 0.1 s. This replica was never lent a share of the limits, so "
            "requests that meet a limit wait until it is there.",
        ),
        ("INFO", "Redis answers; limits are shared with 0 other replicas."),
        ("INFO", "Redis answers; limits are shared with 1 other replica."),
        (
            "WARNING",
            "Redis is away: no answer within 0.1 s. Until it is back, this replica uses its share of each "
            "limit, 25 %.",
        ),
    ]


@pytest.mark.parametrize(
    ("idempotency", "redis", "shares"),
    [({}, {"url": "env:WHERE"}, False), ({"shared": True}, {"url": "env:WHERE"}, True)],
)
async def test_keys_are_shared_where_that_is_asked_for(
    idempotency: dict[str, Any], redis: dict[str, Any], shares: bool
) -> None:
    given = settings(idempotency=idempotency, redis=redis)
    environment = {"WHERE": "redis://:hush@127.0.0.1:1/0"}
    store = shared_idempotency(given, environment, owner="o", random_bytes=bytes)
    assert (store is not None) is shares
    if store is not None:
        await store.close()


def test_keys_cannot_be_shared_without_redis() -> None:
    with pytest.raises(ConfigurationError, match=r"redis\.url") as caught:
        shared_idempotency(settings(idempotency={"shared": True}), {}, owner="o", random_bytes=bytes)
    assert caught.value.param == "idempotency.shared"
