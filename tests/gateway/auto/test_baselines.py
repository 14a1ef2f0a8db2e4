from __future__ import annotations

from typing import Any

import pytest

from pointsman.config import Settings, load_settings
from pointsman.errors import ConfigurationError, ModelNotFound
from pointsman.gateway.auto.baselines import baseline_of, identify_with, read_models, route_money
from tests.support.routed import a_routed

FILE: dict[str, Any] = {
    "aliases": {"big": "claude-opus-5-5"},
    "providers": {
        "mine": {
            "base_url": "http://127.0.0.1:1/v1",
            "dialect": "openai",
            "models": {"claude-opus-5-5": "anthropic/opus"},
        }
    },
    "models": {
        "llama": {
            "provider": "mine",
            "name": "llama-70b-q4",
            "context_window": 8000,
            "prices": {"input": 1, "output": 2},
        }
    },
    "routes": {"strong": {"models": ["claude-opus-5-5", "mine/gpt-6.1-sol"]}, "free": {"models": ["mine/x"]}},
    "auto": {"default": {"pool": ["llama", "strong"]}},
}


@pytest.fixture
def settings() -> Settings:
    return load_settings({}, FILE)


@pytest.mark.parametrize(
    ("name", "known", "ids", "priced"),
    [
        ("claude-opus-5-5", "claude-opus-5-5", {"claude-opus-5-5"}, True),
        ("big", "claude-opus-5-5", {"claude-opus-5-5"}, True),
        ("opus-4", "claude-opus-4-20250514", {"claude-opus-4-20250514"}, True),
        ("mine/claude-opus-5-5", "mine/claude-opus-5-5", {"claude-opus-5-5"}, True),
        ("mine/unheard-of", "mine/unheard-of", {"unheard-of"}, False),
        ("llama", "llama", {"llama"}, True),
        ("strong", "strong", {"claude-opus-5-5", "gpt-6.1-sol"}, True),
        ("free", "free", {"x"}, False),
    ],
)
def test_baselines(settings: Settings, name: str, known: str, ids: set[str], priced: bool) -> None:
    baseline = baseline_of(name, read_models(settings))
    assert (baseline.name, set(baseline.ids)) == (known, ids)
    assert (baseline.pricer is not None) == (baseline.longest_prompt is not None) == priced


@pytest.mark.parametrize(
    ("name", "hint"),
    [("claude-opus-5.5", "Near it: claude-opus-5-5"), ("§", "See all"), ("theirs/x", "No model")],
)
def test_what_is_not_known_is_refused(settings: Settings, name: str, hint: str) -> None:
    with pytest.raises(ModelNotFound, match=hint):
        baseline_of(name, read_models(settings))


def test_the_settings_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="pool"):
        read_models(load_settings({}, {"auto": {"default": {}}}))


def test_the_money_of_each_route_is_counted_against_its_baseline(settings: Settings) -> None:
    money = route_money(settings, read_models(settings))
    assert money is not None
    entry = a_routed("1", "claude-haiku-4-5", requested="smart")
    money.observe(entry, "default")
    money.observe(entry, "other")
    ((name, tally),) = money.tallies()
    assert (name, tally.requests, tally.how) == ("default", 1, {"as it is": 1})
    plain = load_settings({}, {})
    assert route_money(plain, read_models(plain)) is None


def test_models_are_told_by_what_they_were_asked_for(settings: Settings) -> None:
    identify = identify_with(settings, read_models(settings).catalog)
    asked = [
        ("mine", "anthropic/opus"),
        ("anthropic", "claude-opus-5-5"),
        ("anthropic", "claude-opus-4-0"),
        ("mine", "llama-70b-q4"),
        ("other", "llama-70b-q4"),
    ]
    assert [identify(*each) for each in asked * 2] == [
        "claude-opus-5-5",
        "claude-opus-5-5",
        "claude-opus-4-20250514",
        "llama",
        "llama-70b-q4",
    ] * 2
