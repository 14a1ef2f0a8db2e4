from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.config import Settings, load_settings, resolve_secret, secret_variable
from pointsman.config.load import join
from pointsman.errors import ConfigurationError
from pointsman.secret import Secret

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_nothing_given_is_the_defaults() -> None:
    settings = load_settings({"PATH": "/bin", "POINTSMAN_TRACEBACK": "1"}, {})
    assert settings == Settings()
    assert (settings.server.host, settings.server.port, settings.server.admin_port) == (
        "127.0.0.1",
        8080,
        8081,
    )


def test_the_command_line_beats_the_environment_which_beats_the_file() -> None:
    file = {"server": {"port": 1, "admin_port": 2, "max_body_mb": 3}}
    environment = {"POINTSMAN_SERVER__PORT": "10", "POINTSMAN_SERVER__ADMIN_PORT": "20"}
    settings = load_settings(environment, file, {"server.port": 100, "server.host": None})
    assert settings.server.port == 100
    assert settings.server.admin_port == 20
    assert settings.server.max_body_mb == 3
    assert settings.server.host == "127.0.0.1"


def test_the_sources_are_left_as_they_were() -> None:
    file: dict[str, Any] = {"server": {"port": 1}}
    load_settings({"POINTSMAN_SERVER__PORT": "2"}, file, {"server.host": "::1"})
    assert file == {"server": {"port": 1}}


def test_the_environment_reaches_every_kind_of_value() -> None:
    environment = {
        "POINTSMAN_TIMEOUTS__IDLE": "2.5",
        "POINTSMAN_PROVIDERS__LOCAL__DIALECT": "openai_chat",
        "POINTSMAN_PROVIDERS__LOCAL__SERVES": '["openai"]',
        "POINTSMAN_PROVIDERS__LOCAL__HEADERS": '{"x-team": "a"}',
        "POINTSMAN_PROVIDERS__LOCAL__API_KEY": "env:LOCAL_KEY",
        "POINTSMAN_MODELS__TINY__PROVIDER": "local",
        "POINTSMAN_MODELS__TINY__CONTEXT_WINDOW": "4096",
        "POINTSMAN_MODELS__TINY__CAPABILITIES__TOOLS": "true",
        "POINTSMAN_MODELS__TINY__PRICES__INPUT": "0.5",
        "POINTSMAN_ALIASES__FAST": "tiny",
    }
    settings = load_settings(environment, {})
    local, tiny = settings.providers["local"], settings.models["tiny"]
    assert settings.timeouts.idle == 2.5
    assert (local.dialect, local.serves, local.headers) == ("openai_chat", ("openai",), {"x-team": "a"})
    assert local.api_key == Secret("env:LOCAL_KEY")
    assert (tiny.context_window, tiny.capabilities.tools, tiny.capabilities.vision) == (4096, True, None)
    assert tiny.prices.input == "0.5"
    assert settings.aliases == {"fast": "tiny"}


WRONG: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({"server": {"prt": 1}}, {}, "server.prt: there is no such setting; did you mean port?"),
    ({"servre": {}}, {}, "servre: there is no such setting; did you mean server?"),
    ({"limit": {"rpm": 3}}, {}, "limit: there is no such setting; did you mean limits?"),
    ({"server": {"port": "8080"}}, {}, "server.port: expected a whole number, got text"),
    ({"server": {"port": True}}, {}, "server.port: expected a whole number, got true or false"),
    ({"server": {"port": 70000}}, {}, "server.port: expected a whole number <= 65535"),
    ({"server": 8080}, {}, "server: expected a table, got a whole number"),
    ({"server": {"host": ""}}, {}, "server.host: expected text of length >= 1"),
    ({"timeouts": {"idle": -1}}, {}, "timeouts.idle: expected a number >= 0"),
    ({"providers": "x"}, {}, "providers: expected a table, got text"),
    ({"providers": {"x": []}}, {}, "providers.x: expected a table, got a list"),
    (
        {"providers": {"a.b": {"dialect": "grpc"}}},
        {},
        'providers."a.b".dialect: expected "openai_chat" or "anthropic_messages"',
    ),
    ({"providers": {"x": {"serves": "openai"}}}, {}, "providers.x.serves: expected a list, got text"),
    (
        {"models": {"m": {"provider": "x"}}},
        {},
        "models.m.context_window: this is missing, and has no default",
    ),
    ({"logging": {"level": "loud"}}, {}, 'logging.level: expected "debug" or "info" or'),
    ({"presets": {"p": {"temperature": 3}}}, {}, "presets.p.temperature: expected a number <= 2"),
    ({"aliases": {"fast": 3}}, {}, "aliases.fast: expected text, got a whole number"),
    (
        {},
        {"POINTSMAN_SERVER__PORT": "x"},
        "server.port (from POINTSMAN_SERVER__PORT): expected a whole number",
    ),
    ({}, {"POINTSMAN_SERVRE__PORT": "1"}, "servre: there is no such setting; did you mean server?"),
    ({}, {"POINTSMAN_SERVER__PRT": "1"}, "server.prt (from POINTSMAN_SERVER__PRT): there is no such setting"),
    ({}, {"POINTSMAN_SERVER__": "1"}, 'server."" (from POINTSMAN_SERVER__): there is no such setting'),
    (
        {},
        {"POINTSMAN_PROVIDERS__X__SERVES": "[1"},
        "providers.x.serves (from POINTSMAN_PROVIDERS__X__SERVES)",
    ),
]


@pytest.mark.parametrize(("file", "environment", "message"), WRONG)
def test_an_error_names_the_path_of_what_is_wrong(
    file: dict[str, Any], environment: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environment, file)
    assert caught.value.message.startswith(message)
    assert caught.value.param is not None
    assert message.startswith(caught.value.param)


SECRET_CASES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"providers": {"x": {"api_key": ["sk-hidden"]}}}, {}),
    ({"providers": {"x": {"api_keys": "sk-hidden"}}}, {}),
    ({"providers": {"x": {"serves": "sk-hidden"}}}, {}),
    ({"providers": "sk-hidden"}, {}),
    ({}, {"POINTSMAN_SERVER__PORT": "sk-hidden"}),
    ({}, {"POINTSMAN_PROVIDERS__X__SERVES": '["sk-hidden"'}),
]


@pytest.mark.parametrize(("file", "environment"), SECRET_CASES)
def test_an_error_never_shows_a_value(file: dict[str, Any], environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environment, file)
    assert "hidden" not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None


def test_the_tree_can_be_printed_without_showing_a_key() -> None:
    settings = load_settings({}, {"providers": {"x": {"api_key": "sk-hidden"}}})
    assert "hidden" not in repr(settings)
    assert settings.providers["x"].api_key == Secret("sk-hidden")


@given(st.dictionaries(st.sampled_from([*Settings.__struct_fields__, "other"]), JSON, max_size=3))
def test_any_tree_is_settings_or_a_configuration_error(file: dict[str, Any]) -> None:
    try:
        settings = load_settings({}, file)
    except ConfigurationError as error:
        assert error.param is not None
    else:
        assert isinstance(settings, Settings)


@given(
    st.dictionaries(st.text(max_size=12).map(lambda tail: f"POINTSMAN_SERVER__{tail}"), st.text(max_size=8))
)
def test_any_environment_is_settings_or_a_configuration_error(environment: dict[str, str]) -> None:
    try:
        load_settings(environment, {})
    except ConfigurationError as error:
        assert error.param is not None


def test_resolve_secret_follows_a_variable() -> None:
    assert resolve_secret(Secret("env:K"), {"K": " value\n"}, "p") == Secret("value")
    assert resolve_secret(Secret("literal"), {}, "p") == Secret("literal")
    assert secret_variable(Secret("env: K ")) == "K"
    assert secret_variable(Secret("environment")) is None


@pytest.mark.parametrize("environment", [{}, {"OPENAI_KEY": ""}, {"OPENAI_KEY": "  "}])
def test_resolve_secret_names_the_variable_that_is_not_set(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve_secret(Secret("env:OPENAI_KEY"), environment, "providers.openai.api_key")
    assert caught.value.message.startswith(
        "providers.openai.api_key: the environment variable OPENAI_KEY is not set"
    )


@pytest.mark.parametrize(
    ("path", "key", "joined"),
    [("", "a", "a"), ("a", "b-c_1", "a.b-c_1"), ("a", "gpt-4.1", 'a."gpt-4.1"'), ("a", "ä", 'a."ä"')],
)
def test_join_quotes_what_toml_would(path: str, key: str, joined: str) -> None:
    assert join(path, key) == joined
