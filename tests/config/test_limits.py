from __future__ import annotations

from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.config import Names, configured_limits, custom_models, load_settings
from pointsman.config.limits import usual_window
from pointsman.errors import ConfigurationError
from pointsman.limits.limit import INPUT, REQUESTS, UPSTREAM_TOTAL, Limit


def limits_of(file: dict[str, Any]) -> dict[str, Limit]:
    settings = load_settings({}, file)
    names = Names(load_catalog(custom_models(settings.models)), list(settings.providers), settings.aliases)
    limits = configured_limits(settings, names)
    assert len({limit.id for limit in limits}) == len(limits)
    return {limit.id: limit for limit in limits}


def test_each_number_is_a_limit_of_its_scope() -> None:
    limits = limits_of(
        {
            "limits": {"claude-haiku-4-5": {"rpm": 60, "input_tpm": 50_000}},
            "providers": {"openai": {"limits": {"concurrency": 9, "gpt-4o": {"tpm": 7}}}},
            "queue": {"slack": 0.25},
        }
    )
    haiku = load_catalog().resolve("claude-haiku-4-5")
    assert haiku is not None
    rpm, prompt = limits[f"model:{haiku.id}/rpm"], limits[f"model:{haiku.id}/input_tpm"]
    slots, tpm = limits["provider:openai/concurrency"], limits["deployment:openai/gpt-4o/tpm"]
    assert len(limits) == 4
    assert (rpm.amount, rpm.place, rpm.window, rpm.slack_us) == (60, REQUESTS, "refill", 250_000)
    assert (prompt.amount, prompt.place, prompt.source) == (50_000, INPUT, "configured")
    assert (slots.amount, slots.window, slots.slack_us) == (9, "slots", 0)
    assert (tpm.amount, tpm.place, tpm.window) == (7, UPSTREAM_TOTAL, "rolling")


def test_the_window_of_a_table_goes_before_the_account_s_and_that_before_the_usual_one() -> None:
    limits = limits_of(
        {
            "providers": {
                "openai": {
                    "limits": {
                        "rpm": 1,
                        "window": "refill",
                        "a": {"rpm": 1, "window": "rolling"},
                        "b": {"rpm": 1},
                    }
                },
                "anthropic": {"limits": {"rpm": 1}},
            }
        }
    )
    assert {name: limit.window for name, limit in limits.items()} == {
        "provider:openai/rpm": "refill",
        "deployment:openai/a/rpm": "rolling",
        "deployment:openai/b/rpm": "refill",
        "provider:anthropic/rpm": "refill",
    }
    assert usual_window("deepseek") == "rolling"


def test_a_model_may_be_named_by_any_of_its_names() -> None:
    file = {
        "aliases": {"fast": "gpt-4o"},
        "models": {"own": {"provider": "team", "context_window": 9}},
        "limits": {"fast": {"rpm": 1}, "own": {"rpm": 2}},
        "providers": {"team": {"limits": {"gpt-4o-2024-08-06": {"rpm": 3}, "not/known": {"rpm": 4}}}},
    }
    assert {name: limit.amount for name, limit in limits_of(file).items()} == {
        "model:gpt-4o/rpm": 1,
        "model:own/rpm": 2,
        "deployment:team/gpt-4o/rpm": 3,
        "deployment:team/not/known/rpm": 4,
    }


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ({"limits": {"gpt-4p": {"rpm": 1}}}, "limits.gpt-4p: there is no model gpt-4p; did you mean gpt-4"),
        ({"limits": {"team/x": {"rpm": 1}}}, 'limits."team/x": no provider team is configured'),
        (
            {"limits": {"gpt-4o": {"rpm": 1}, "gpt-4o-2024-08-06": {"rpm": 2}}},
            "limits.gpt-4o-2024-08-06: this is the same model as gpt-4o",
        ),
        (
            {"providers": {"a.b": {"limits": {"gpt-4o": {}, "gpt-4o-2024-08-06": {}}}}},
            'providers."a.b".limits.gpt-4o-2024-08-06: this is the same model as gpt-4o',
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(file: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        limits_of(file)
    assert caught.value.message.startswith(message)
    assert caught.value.param is not None and message.startswith(caught.value.param)
