import pytest

from pointsman.simulator.paths import BASES, Place, find_place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/openai/v1/chat/completions", Place("openai", "openai", "chat")),
        ("/anthropic/v1/messages", Place("anthropic", "anthropic", "chat")),
        ("/anthropic/v1/messages/count_tokens", Place("anthropic", "anthropic", "count")),
        ("/gemini/chat/completions", Place("gemini", "openai", "chat")),
        ("/gemini/v1/chat/completions", Place("gemini", "openai", "chat")),
        ("/gemini/v1beta/openai/chat/completions", Place("gemini", "openai", "chat")),
        ("/deepseek/chat/completions", Place("deepseek", "openai", "chat")),
        ("/deepseek/v1/chat/completions", Place("deepseek", "openai", "chat")),
        ("/deepseek/anthropic/v1/messages", Place("deepseek", "anthropic", "chat")),
        ("/holysheep/v1/chat/completions", Place("holysheep", "openai", "chat")),
        ("/openai/v1/models", Place("openai", "openai", "models")),
        ("/anthropic/v1/models/claude-x", Place("anthropic", "anthropic", "models", "claude-x")),
        ("/openai/v1/models/", None),
        ("/openai/v1/responses", None),
        ("/chat/completions", None),
        ("/", None),
    ],
)
def test_places(path: str, place: Place | None) -> None:
    assert find_place(path) == place


def test_every_base_leads_to_its_provider() -> None:
    for provider, base in BASES:
        suffix = "/v1/messages" if provider == "anthropic" else "/chat/completions"
        found = find_place(base + suffix)
        assert found is not None
        assert found.provider == provider
