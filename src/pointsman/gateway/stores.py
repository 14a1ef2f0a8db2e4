"""The stores that settings name, besides those of this machine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from pointsman.caching.idempotency.redis import RedisIdempotency, open_redis_idempotency
from pointsman.caching.shared.encryption import raw_keys, read_keys
from pointsman.caching.shared.redis import RedisSharing
from pointsman.config import Settings, resolve_secret
from pointsman.config.idempotency import idempotency_policy
from pointsman.config.policies import redis_url
from pointsman.errors import ConfigurationError
from pointsman.limits.shared.redis import Health, RedisLimits

_log = logging.getLogger("pointsman.limits")


def shared_limits(settings: Settings, environment: Mapping[str, str]) -> RedisLimits | None:
    """Where replicas share their limits; None where the settings name no Redis.

    Raises:
        ConfigurationError: the address is wrong, or redis-py is not installed.
    """
    given = settings.redis
    url = redis_url(given, environment)
    if url is None:
        return None
    return RedisLimits(
        url, timeout=given.timeout, lease=given.lease, prefix=given.prefix, changed=redis_changed
    )


def shared_cache(settings: Settings, environment: Mapping[str, str]) -> RedisSharing | None:
    """Where replicas share answers, and the calls for them; None where the settings name no Redis, or the
    cache is off, or is to be each replica's own.

    Raises:
        ConfigurationError: the address or a key is wrong, also where nothing is encrypted yet; or a library
            is not installed.
    """
    given, cache, name = settings.redis, settings.cache, "cache.encryption_key"
    url = redis_url(given, environment) if cache.enabled and cache.shared else None
    keys = None if cache.encryption_key is None else resolve_secret(cache.encryption_key, environment, name)
    if keys is not None:
        raw_keys(keys, name)
    if url is None:
        return None
    return RedisSharing(
        url,
        timeout=given.timeout,
        lease=given.lease,
        prefix=given.prefix,
        most=cache.shared_max_bytes,
        keys=keys,
    )


def shared_idempotency(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    owner: str,
    random_bytes: Callable[[int], bytes],
) -> RedisIdempotency | None:
    """Where replicas share answers under idempotency keys; None where the settings do not ask for that.

    Args:
        owner: another value for each process.

    Raises:
        ConfigurationError: no Redis is named, the address or a key is wrong, or a library is not installed.
    """
    if not settings.idempotency.shared:
        return None
    given = settings.redis
    url = redis_url(given, environment)
    if url is None:
        raise ConfigurationError(
            "idempotency.shared: it needs a Redis; name one in redis.url", param="idempotency.shared"
        )
    key, name = settings.cache.encryption_key, "cache.encryption_key"
    return open_redis_idempotency(
        url,
        idempotency_policy(settings.idempotency),
        timeout=given.timeout,
        prefix=given.prefix,
        owner=owner,
        keys=None if key is None else read_keys(resolve_secret(key, environment, name), random_bytes, name),
    )


def redis_changed(health: Health) -> None:
    """Say that Redis has gone, and that it is there again: once each."""
    if health.connected:
        others = (health.replicas or 1) - 1
        _log.info("Redis answers; limits are shared with %d other replica%s.", others, "s"[: others != 1])
    elif health.share:
        _log.warning(
            "Redis is away: %s. Until it is back, this replica uses its share of each limit, %.0f %%.",
            health.trouble,
            health.share * 100,
        )
    else:
        _log.warning(
            "Redis is away: %s. This replica was never lent a share of the limits, so requests that meet a "
            "limit wait until it is there.",
            health.trouble,
        )
