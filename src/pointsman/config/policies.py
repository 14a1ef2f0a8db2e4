"""Settings in the form that the rooms which act on them take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.config.flow import RedisSettings
from pointsman.config.load import resolve_secret
from pointsman.config.settings import PresetSettings, RetrySettings, Settings, TimeoutSettings
from pointsman.errors import ConfigurationError
from pointsman.http1.port import Timeouts
from pointsman.resilience.breaker import BreakerPolicy
from pointsman.resilience.budget import BudgetPolicy
from pointsman.resilience.health import HealthPolicy
from pointsman.resilience.hedge import HedgePolicy
from pointsman.resilience.retry import RetryPolicy
from pointsman.secret import Secret

_REDIS_SCHEMES = ("redis", "rediss", "unix")


def upstream_timeouts(given: TimeoutSettings) -> Timeouts:
    """0, which TOML can say, becomes None, which is no limit."""
    return Timeouts(
        connect=given.connect or None,
        first_byte=given.first_byte or None,
        idle=given.idle or None,
        total=given.total or None,
    )


def retry_policy(given: RetrySettings) -> RetryPolicy:
    """What holds where no route says otherwise (``routes.py``)."""
    return RetryPolicy(
        attempts=given.attempts,
        base_delay=given.base_delay,
        max_delay=given.max_delay,
        max_retry_after=given.max_retry_after,
    )


def health_policy(settings: Settings) -> HealthPolicy:
    """``[breaker]``, the budget of ``[retries]``, and ``[hedging]`` if any route has ``hedge = true``."""
    breaker, hedging = settings.breaker, settings.hedging
    hedged = any(route.hedge for route in settings.routes.values())
    return HealthPolicy(
        breaker=BreakerPolicy(
            threshold=breaker.threshold,
            volume=float(breaker.min_calls),
            window=breaker.window,
            open_for=breaker.open,
            open_most=max(breaker.open, breaker.max_open),
            probes=min(BreakerPolicy().probes, breaker.probes),
            successes=breaker.probes,
        ),
        budget=BudgetPolicy(share=settings.retries.budget),
        hedge=HedgePolicy(quantile=hedging.quantile, share=hedging.share) if hedged else None,
    )


def redis_url(given: RedisSettings, environment: Mapping[str, str]) -> Secret | None:
    """Where Redis is; None where the settings name none.

    Raises:
        ConfigurationError: the variable is not set, or it is no address of a Redis. Never shows it, since a
            password may stand in it.
    """
    if given.url is None:
        return None
    url = resolve_secret(given.url, environment, "redis.url")
    scheme, separator, rest = url.reveal().partition("://")
    if not separator or scheme not in _REDIS_SCHEMES or not rest:
        raise ConfigurationError(
            "redis.url: expected an address such as redis://127.0.0.1:6379/0, or rediss:// with TLS",
            param="redis.url",
        )
    return url


def preset_overrides(given: Mapping[str, PresetSettings]) -> dict[str, dict[str, Any]]:
    """Only what was given: the rest of a preset stays as it is."""
    return {
        name: {field: value for field, value in msgspec.structs.asdict(preset).items() if value is not None}
        for name, preset in given.items()
    }
