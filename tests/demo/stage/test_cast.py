"""Who plays whom."""

from __future__ import annotations

import tomllib

import pytest

from pointsman.config import load_settings
from pointsman.demo.stage.cast import (
    Cast,
    address_in,
    choose_cast,
    environment_for,
    provider_tables,
    simulator_in,
)
from pointsman.errors import ConfigurationError
from pointsman.providers import configured_providers

NO_KEYS = {"PATH": "/bin"}
CLAUDE = {"ANTHROPIC_API_KEY": "sk-ant-x", "POINTSMAN_SERVER__PORT": "1", **NO_KEYS}
SHEEP = {"HOLYSHEEP_API_KEY": "hs_" + "x" * 20, **NO_KEYS}


@pytest.mark.parametrize(
    ("environment", "simulated_only", "cast"),
    [
        (NO_KEYS, False, Cast((), ("anthropic", "openai", "gemini", "deepseek"))),
        (CLAUDE, False, Cast(("anthropic",), ("openai", "gemini", "deepseek"))),
        (CLAUDE, True, Cast((), ("anthropic", "openai", "gemini", "deepseek"))),
        ({"GOOGLE_API_KEY": "g"}, False, Cast(("gemini",), ("anthropic", "openai", "deepseek"))),
        ({"OPENAI_API_KEY": "  "}, False, Cast((), ("anthropic", "openai", "gemini", "deepseek"))),
        (SHEEP, False, Cast(("holysheep",), ())),
        (SHEEP | CLAUDE, False, Cast(("anthropic", "holysheep"), ())),
    ],
)
def test_a_key_in_the_environment_makes_a_provider_real(
    environment: dict[str, str], simulated_only: bool, cast: Cast
) -> None:
    assert choose_cast(environment, simulated_only=simulated_only) == cast


def test_the_gateway_reads_the_tables_as_they_are_meant() -> None:
    cast = choose_cast(CLAUDE, simulated_only=False)
    settings = load_settings({}, tomllib.loads(provider_tables(cast, "http://127.0.0.1:9")))
    found = {provider.name: provider.base_url for provider in configured_providers(settings, CLAUDE)}
    assert found == {
        "anthropic": "https://api.anthropic.com",
        "openai": "http://127.0.0.1:9/openai/v1",
        "gemini": "http://127.0.0.1:9/gemini",
        "deepseek": "http://127.0.0.1:9/deepseek",
    }


def test_the_gateway_gets_only_the_keys_of_those_who_are_really_called() -> None:
    everything = CLAUDE | SHEEP | {"GOOGLE_API_KEY": "g"}
    assert environment_for(everything, Cast(("anthropic",), ())) == {
        "PATH": "/bin",
        "ANTHROPIC_API_KEY": "sk-ant-x",
    }


def test_addresses_are_found_in_what_the_processes_say() -> None:
    assert address_in("Pointsman is ready at http://127.0.0.1:8080 (59 models).") == "http://127.0.0.1:8080"
    assert simulator_in("ready: http://127.0.0.1:9/openai/v1 http://…") == "http://127.0.0.1:9"
    with pytest.raises(ConfigurationError, match="no address"):
        address_in("nothing here")
