from __future__ import annotations

import pytest

from pointsman.catalog import load_presets
from pointsman.config import (
    Settings,
    health_policy,
    load_settings,
    preset_overrides,
    redis_url,
    retry_policy,
    upstream_timeouts,
)
from pointsman.errors import ConfigurationError
from pointsman.http1.port import Timeouts
from pointsman.resilience.health import HealthPolicy
from pointsman.resilience.hedge import HedgePolicy
from pointsman.resilience.retry import RetryPolicy
from pointsman.secret import Secret


def test_the_defaults_are_those_of_the_rooms() -> None:
    assert upstream_timeouts(Settings().timeouts) == Timeouts()
    assert retry_policy(Settings().retries) == RetryPolicy()
    assert health_policy(Settings()) == HealthPolicy()


def test_what_guards_the_way_to_the_providers_can_be_set() -> None:
    file = {
        "breaker": {"threshold": 1, "min_calls": 2, "window": 3, "open": 400, "max_open": 5, "probes": 1},
        "hedging": {"quantile": 0.5, "share": 0.25},
        "retries": {"budget": 0.75},
        "routes": {"gpt-4o": {"hedge": True}},
    }
    policy = health_policy(load_settings({}, file))
    breaker = policy.breaker
    assert (breaker.threshold, breaker.volume, breaker.window) == (1.0, 2.0, 3.0)
    assert (breaker.open_for, breaker.open_most) == (400.0, 400.0)
    assert (breaker.probes, breaker.successes) == (1, 1)
    assert policy.hedge == HedgePolicy(quantile=0.5, share=0.25)
    assert policy.budget.share == 0.75


@pytest.mark.parametrize("written", ["redis://h:6379/0", "env:MINE", "unix:///run/redis.sock"])
def test_the_address_of_redis_may_be_in_a_variable(written: str) -> None:
    settings = load_settings({}, {"redis": {"url": written}})
    url = redis_url(settings.redis, {"MINE": "rediss://:p@h"})
    assert url == Secret("rediss://:p@h" if written == "env:MINE" else written)
    assert redis_url(Settings().redis, {}) is None


@pytest.mark.parametrize("written", ["hidden:6379", "http://hidden", "redis://", "env:MINE"])
def test_what_is_no_address_of_redis_is_told_and_not_shown(written: str) -> None:
    settings = load_settings({}, {"redis": {"url": written}})
    with pytest.raises(ConfigurationError, match=r"redis\.url: ") as caught:
        redis_url(settings.redis, {})
    assert "hidden" not in repr(caught.value)


def test_nought_switches_a_timeout_off() -> None:
    settings = load_settings({}, {"timeouts": {"connect": 0, "first_byte": 0, "idle": 0, "total": 0.5}})
    assert upstream_timeouts(settings.timeouts) == Timeouts(None, None, None, 0.5)


def test_a_preset_keeps_what_is_not_overridden() -> None:
    settings = load_settings({}, {"presets": {"real-time-chat": {"temperature": 0.25}}})
    overrides = preset_overrides(settings.presets)
    assert overrides == {"real-time-chat": {"temperature": 0.25}}
    before, after = load_presets()["real-time-chat"], load_presets(overrides)["real-time-chat"]
    assert after.temperature == 0.25
    assert (after.model, after.max_output) == (before.model, before.max_output)
