"""The stores that settings name, besides those of this machine."""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.config import Settings
from pointsman.config.policies import redis_url
from pointsman.limits.redis import RedisLimits


def shared_limits(settings: Settings, environment: Mapping[str, str]) -> RedisLimits | None:
    """Where replicas share their limits; None where the settings name no Redis.

    Raises:
        ConfigurationError: the address is wrong, or redis-py is not installed.
    """
    given = settings.redis
    url = redis_url(given, environment)
    if url is None:
        return None
    return RedisLimits(url, timeout=given.timeout, lease=given.lease, prefix=given.prefix)
