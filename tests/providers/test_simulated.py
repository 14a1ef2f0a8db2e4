from __future__ import annotations

from pointsman.dialects import get_dialect
from pointsman.providers import KNOWN, check_key, simulated_providers


def test_every_known_provider_is_stood_in_for_on_a_path_of_its_own() -> None:
    providers = simulated_providers("http://127.0.0.1:9000/")
    assert {p.name: p.url(get_dialect(p.dialect).path) for p in providers} == {
        "anthropic": "http://127.0.0.1:9000/anthropic/v1/messages",
        "openai": "http://127.0.0.1:9000/openai/v1/chat/completions",
        "gemini": "http://127.0.0.1:9000/gemini/chat/completions",
        "deepseek": "http://127.0.0.1:9000/deepseek/chat/completions",
        "holysheep": "http://127.0.0.1:9000/holysheep/v1/chat/completions",
    }


def test_they_are_as_the_real_ones_but_for_address_and_key() -> None:
    for provider in simulated_providers("http://h"):
        known = KNOWN[provider.name]
        assert provider.simulated is True
        assert (provider.dialect, provider.auth, provider.serves) == (known.dialect, known.auth, known.serves)
        assert provider.api_key is not None
        check_key(provider.api_key, known.key_rule, provider.name, "key")
