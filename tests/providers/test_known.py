from __future__ import annotations

import msgspec
import pytest

from pointsman.catalog import load_catalog
from pointsman.dialects import get_dialect
from pointsman.providers import KNOWN
from pointsman.providers.known import KEY_VARIABLES, USUAL_AUTH

ENDPOINTS = {
    "anthropic": "https://api.anthropic.com/v1/messages",
    "openai": "https://api.openai.com/v1/chat/completions",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    "deepseek": "https://api.deepseek.com/chat/completions",
    "holysheep": "https://api.holysheep.ai/v1/chat/completions",
}


def test_where_each_one_takes_requests() -> None:
    assert {n: p.url(get_dialect(p.dialect).path) for n, p in KNOWN.items()} == ENDPOINTS


@pytest.mark.parametrize("name", KNOWN)
def test_each_is_found_by_its_own_name_and_key(name: str) -> None:
    provider = KNOWN[name]
    assert provider.name == name
    assert provider.key_env == KEY_VARIABLES[name][0] == f"{name.upper()}_API_KEY"
    assert provider.auth == USUAL_AUTH[provider.dialect]
    assert provider.api_key is None


def test_only_deepseek_is_known_to_heed_the_old_name_of_the_output_cap() -> None:
    assert [name for name, provider in KNOWN.items() if provider.legacy_max_tokens] == ["deepseek"]


@pytest.mark.parametrize("base", ["", "/", "/v1", "/beta", "/v1/chat/completions"])
def test_only_deepseek_takes_the_beginning_of_an_answer_elsewhere(base: str) -> None:
    assert [name for name, provider in KNOWN.items() if provider.prefix_at] == ["deepseek"]
    path = "/chat/completions"
    deepseek = msgspec.structs.replace(KNOWN["deepseek"], base_url=f"https://api.deepseek.com{base}")
    assert deepseek.prefix_url(path) == f"https://api.deepseek.com/beta{path}"
    assert KNOWN["openai"].prefix_url(path) == KNOWN["openai"].url(path)


def test_whoever_serves_others_models_names_providers_of_the_catalog() -> None:
    catalog = load_catalog()
    homes = {model.provider for model in catalog.all()}
    for provider in KNOWN.values():
        assert set(provider.serves) <= homes
        assert [name for name in provider.model_names if catalog.resolve(name) is None] == []


@pytest.mark.parametrize(
    "name", ["opus-4", "sonnet-4", "haiku-4", "gpt-4.1", "gemini-2.5-flash", "deepseek-v3.2"]
)
def test_holysheep_is_called_by_the_names_that_it_goes_by(name: str) -> None:
    model = load_catalog().resolve(name)
    assert model is not None
    assert KNOWN["holysheep"].model_names.get(model.id, model.id) == name
