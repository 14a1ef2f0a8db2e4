from __future__ import annotations

from typing import Any

import pytest

from pointsman.config import AccountLimitSettings, LimitSettings, Settings, load_settings
from pointsman.errors import ConfigurationError
from pointsman.secret import Secret


def test_numbers_below_a_provider_are_the_account_s_and_tables_its_models() -> None:
    settings = load_settings(
        {"POINTSMAN_PROVIDERS__OPENAI__LIMITS__TPM": "9"},
        {"providers": {"openai": {"limits": {"rpm": 60, "gpt-4.1": {"rpm": 3, "window": "rolling"}}}}},
    )
    assert settings.providers["openai"].limits == AccountLimitSettings(
        rpm=60, tpm=9, models={"gpt-4.1": LimitSettings(rpm=3, window="rolling")}
    )


def test_limits_of_a_model_are_read() -> None:
    file = {"limits": {"gpt-4.1": {"input_tpm": 50_000, "output_tpm": 10_000, "concurrency": 4}}}
    assert load_settings({}, file).limits == {
        "gpt-4.1": LimitSettings(input_tpm=50_000, output_tpm=10_000, concurrency=4)
    }


def test_without_settings_nothing_is_limited_and_much_may_wait() -> None:
    settings = Settings()
    assert (settings.limits, settings.routes, settings.redis.url) == ({}, {}, None)
    assert (settings.queue.max_wait, settings.queue.max_waiting) == (30.0, 10_000)
    assert (settings.queue.comments_after, settings.queue.slack) == (1.0, None)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"limits": {"rpm": 3}}, "limits.rpm: expected a table, got a whole number"),
    ({"limits": {"m": {"rpm": 0}}}, "limits.m.rpm: expected a whole number >= 1"),
    ({"limits": {"m": {"rmp": 3}}}, "limits.m.rmp: there is no such setting; did you mean rpm?"),
    ({"limits": {"m": {"window": "x"}}}, 'limits.m.window: expected "refill" or "rolling"'),
    (
        {"providers": {"x": {"limits": {"rmp": 3}}}},
        "providers.x.limits.rmp: there is no such setting; did you mean rpm?",
    ),
    (
        {"providers": {"x": {"limits": {"models": 3}}}},
        "providers.x.limits.models: there is no such setting",
    ),
    (
        {"providers": {"x": {"limits": {"gpt-4.1": {"tpm": "9"}}}}},
        'providers.x.limits."gpt-4.1".tpm: expected a whole number, got text',
    ),
    (
        {"providers": {"x": {"limits": {"m": {"sub": {}}}}}},
        "providers.x.limits.m.sub: there is no such setting",
    ),
    ({"queue": {"max_wait": -1}}, "queue.max_wait: expected a number >= 0"),
    ({"queue": {"slack": 60}}, "queue.slack: expected a number <= 30"),
    ({"redis": {"url": 6379}}, 'redis.url: expected text, or "env:NAME"'),
    ({"redis": {"timeout": 0}}, "redis.timeout: expected a number > 0"),
    ({"routes": {"r": {"models": "m"}}}, "routes.r.models: expected a list, got text"),
    ({"routes": {"r": {"weights": [-1]}}}, "routes.r.weights: expected a whole number >= 0"),
    (
        {"routes": {"r": {"balance": "x"}}},
        'routes.r.balance: expected "weighted" or "least_busy" or "prefix"',
    ),
    ({"routes": {"r": {"on_refusal": "x"}}}, 'routes.r.on_refusal: expected "stay" or "next"'),
    ({"retries": {"budget": -0.1}}, "retries.budget: expected a number >= 0"),
    ({"breaker": {"threshold": 0}}, "breaker.threshold: expected a number > 0"),
    ({"hedging": {"quantile": 1}}, "hedging.quantile: expected a number < 1"),
]


@pytest.mark.parametrize(("file", "message"), WRONG)
def test_an_error_names_the_path_of_what_is_wrong(file: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings({}, file)
    assert caught.value.message.startswith(message)
    assert caught.value.param is not None and message.startswith(caught.value.param)


def test_a_password_of_redis_is_not_shown() -> None:
    settings = load_settings({}, {"redis": {"url": "redis://:hidden@host"}})
    assert settings.redis.url == Secret("redis://:hidden@host")
    assert "hidden" not in repr(settings)
