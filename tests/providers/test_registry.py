from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.config import load_settings
from pointsman.errors import ConfigurationError
from pointsman.providers import KNOWN, KeyRule, Provider, Secret, check_key, configured_providers, key_source

GOOD_HS = "hs_" + "a" * 17
LOCAL = {"dialect": "openai_chat", "base_url": "http://localhost:8000/v1/"}


def providers(file: dict[str, Any], environment: dict[str, str]) -> dict[str, Provider]:
    found = configured_providers(load_settings(environment, file), environment)
    return {provider.name: provider for provider in found}


def problem(file: dict[str, Any], environment: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        providers(file, environment)
    assert "hidden" not in repr(caught.value)
    return caught.value.message


def test_no_key_is_no_provider() -> None:
    assert providers({}, {"OPENAI_API_KEY": " ", "PATH": "/bin"}) == {}


def test_no_provider_is_called_as_the_cache_is_in_the_ledger() -> None:
    assert problem({"providers": {"cache": LOCAL}}, {}).startswith("providers.cache: a provider cannot have")


def test_without_settings_the_keys_in_the_environment_are_the_providers() -> None:
    environment = {known.key_env: GOOD_HS for known in KNOWN.values()}
    found = providers({}, environment)
    assert list(found) == ["anthropic", "openai", "gemini", "deepseek", "holysheep"]
    for name, provider in found.items():
        assert provider.api_key == Secret(GOOD_HS)
        assert provider.base_url == KNOWN[name].base_url


def test_base_urls_meant_for_the_sdks_are_not_followed() -> None:
    environment = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"}
    assert providers({}, environment)["openai"].base_url == "https://api.openai.com/v1"


def test_gemini_takes_either_variable_its_own_first() -> None:
    assert providers({}, {"GOOGLE_API_KEY": "g"})["gemini"].key_env == "GOOGLE_API_KEY"
    both = providers({}, {"GOOGLE_API_KEY": "g", "GEMINI_API_KEY": "m"})["gemini"]
    assert (both.key_env, both.api_key) == ("GEMINI_API_KEY", Secret("m"))


def test_settings_that_name_a_provider_shut_out_the_others() -> None:
    found = providers({"providers": {"local": LOCAL}}, {"OPENAI_API_KEY": "sk-1"})
    assert list(found) == ["local"]


def test_a_provider_of_the_users_own() -> None:
    file = {
        "providers": {
            "local": LOCAL
            | {
                "api_key": "env:LOCAL_KEY",
                "headers": {"X-Team": "a"},
                "serves": ["openai"],
                "legacy_max_tokens": True,
                "learn_limits": False,
                "models": {"gpt-4.1": "gpt-4.1-local"},
            }
        }
    }
    local = providers(file, {"LOCAL_KEY": "k"})["local"]
    assert local == Provider(
        name="local",
        dialect="openai_chat",
        base_url="http://localhost:8000/v1",
        auth="bearer",
        api_key=Secret("k"),
        key_env="LOCAL_KEY",
        headers=(("x-team", "a"),),
        serves=("openai",),
        legacy_max_tokens=True,
        learns_limits=False,
        model_names={"gpt-4.1": "gpt-4.1-local"},
    )


@pytest.mark.parametrize(
    ("short", "full", "auth"),
    [("openai", "openai_chat", "bearer"), ("anthropic", "anthropic_messages", "x-api-key")],
)
def test_a_dialect_may_be_called_by_its_short_name(short: str, full: str, auth: str) -> None:
    written = {"dialect": short, "base_url": "http://h", "api_key": "k"}
    made = providers({"providers": {"x": written}}, {})["x"]
    assert (made.dialect, made.auth) == (full, auth)


def test_without_a_key_nothing_is_sent_as_one() -> None:
    assert providers({"providers": {"local": LOCAL}}, {})["local"].auth == "none"
    found = providers(
        {"providers": {"openai": {"base_url": "http://h/v1", "auth": "none"}}}, {"OPENAI_API_KEY": "sk"}
    )
    assert (found["openai"].auth, found["openai"].api_key, found["openai"].key_env) == ("none", None, "")


def test_how_a_key_is_sent_follows_the_dialect_unless_told() -> None:
    claude = {"dialect": "anthropic_messages", "base_url": "http://h", "api_key": "k"}
    file = {"providers": {"a": claude, "b": claude | {"auth": "bearer"}, "c": LOCAL | {"api_key": "k"}}}
    assert {name: p.auth for name, p in providers(file, {}).items()} == {
        "a": "x-api-key",
        "b": "bearer",
        "c": "bearer",
    }


def test_a_known_provider_can_be_told_another_address_and_key() -> None:
    file = {"providers": {"anthropic": {"base_url": "https://proxy.example/", "api_key": "env:MINE"}}}
    found = providers(file, {"MINE": "k", "ANTHROPIC_API_KEY": "other"})["anthropic"]
    assert (found.base_url, found.api_key, found.key_env) == ("https://proxy.example", Secret("k"), "MINE")
    assert found.counts_tokens is True


def test_models_of_the_settings_are_called_by_their_providers_name() -> None:
    models = {
        "big": {"provider": "local", "name": "org/big-70b", "context_window": 8192},
        "small": {"provider": "local", "context_window": 8192},
    }
    found = providers({"providers": {"local": LOCAL}, "models": models}, {})
    assert found["local"].model_names == {"big": "org/big-70b", "small": "small"}


WRONG: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({"x": {}}, {}, "providers.x.dialect: this is missing"),
    ({"x": {"dialect": "openai_chat"}}, {}, "providers.x.base_url: this is missing"),
    ({"openai": {}}, {}, "providers.openai.api_key: there is no key. Set OPENAI_API_KEY, or"),
    ({"openai": {"api_key": "env:K"}}, {}, "providers.openai.api_key: the environment variable K is not set"),
    ({"x": LOCAL | {"auth": "bearer"}}, {}, "providers.x.api_key: there is no key. Set api_key"),
    ({"x": LOCAL | {"base_url": "localhost:8000"}}, {}, "providers.x.base_url: expected an address"),
    ({"x": LOCAL | {"base_url": "ftp://h"}}, {}, "providers.x.base_url: expected an address"),
    ({"x": LOCAL | {"base_url": "https://"}}, {}, "providers.x.base_url: expected an address"),
    ({"x": LOCAL | {"base_url": "https://u:hidden@h/v1"}}, {}, "providers.x.base_url: an address holds no"),
    ({"x": LOCAL | {"headers": {"a b": "c"}}}, {}, 'providers.x.headers."a b": this cannot be sent'),
    ({"x": LOCAL | {"headers": {"a": "c\r\nhidden: d"}}}, {}, "providers.x.headers.a: this cannot be sent"),
    ({"x": LOCAL | {"api_key": "hidden key"}}, {}, "providers.x.api_key: a key is made of visible ASCII"),
    ({"x": LOCAL | {"api_key": "hidden\u2026"}}, {}, "providers.x.api_key: a key is made of visible ASCII"),
    (
        {"holysheep": {"api_key": "hidden"}},
        {},
        "providers.holysheep.api_key: a key of holysheep starts with hs_",
    ),
    ({"holysheep": {"api_key": "env:K"}}, {"K": "hidden"}, "K: a key of holysheep starts with hs_"),
]


@pytest.mark.parametrize(("table", "environment", "message"), WRONG)
def test_an_error_names_the_setting_and_never_shows_the_key(
    table: dict[str, Any], environment: dict[str, str], message: str
) -> None:
    assert problem({"providers": table}, environment).startswith(message)


def test_a_model_of_a_provider_that_is_not_there() -> None:
    file = {"providers": {"local": LOCAL}, "models": {"m": {"provider": "other", "context_window": 1}}}
    assert problem(file, {}) == "models.m.provider: no provider other is configured; there are: local"


@pytest.mark.parametrize("key", ["sk-hidden-hidden-hidden", "hs_hidden", "hs_" + "a" * 16])
def test_a_key_that_breaks_its_providers_rule_stops_the_start(key: str) -> None:
    message = problem({}, {"HOLYSHEEP_API_KEY": key})
    assert message.startswith(
        "HOLYSHEEP_API_KEY: a key of holysheep starts with hs_ and has at least 20 characters"
    )
    assert key[4:] not in message


@given(st.text(min_size=1, max_size=30))
def test_a_key_is_taken_or_refused_by_its_rule_alone(text: str) -> None:
    rule = KeyRule(prefix="hs_", min_length=20)
    visible = all("!" <= sign <= "~" for sign in text)
    if visible and text.startswith("hs_") and len(text) >= 20:
        check_key(Secret(text), rule, "p", "WHERE")
    else:
        with pytest.raises(ConfigurationError, match=r"^WHERE: "):
            check_key(Secret(text), rule, "p", "WHERE")


def test_where_a_key_comes_from() -> None:
    environment = {"OPENAI_API_KEY": "sk"}
    file = {
        "providers": {
            "openai": {},
            "a": LOCAL | {"api_key": "k"},
            "b": LOCAL,
            "c": LOCAL | {"api_key": "env:C"},
        }
    }
    settings = load_settings({}, file)
    assert [key_source(name, settings, environment) for name in ("openai", "a", "b", "c", "gemini")] == [
        "OPENAI_API_KEY",
        "settings",
        "",
        "C",
        "",
    ]
