from __future__ import annotations

import pytest

from pointsman.providers import Provider, Secret

URLS = [
    ("https://api.openai.com/v1", "/chat/completions", "https://api.openai.com/v1/chat/completions"),
    ("https://api.openai.com/v1/", "/chat/completions", "https://api.openai.com/v1/chat/completions"),
    ("https://api.deepseek.com", "/chat/completions", "https://api.deepseek.com/chat/completions"),
    ("https://h/v1/chat/completions", "/chat/completions", "https://h/v1/chat/completions"),
    ("https://h/chat", "/chat/completions", "https://h/chat/chat/completions"),
    ("https://api.anthropic.com", "/v1/messages", "https://api.anthropic.com/v1/messages"),
    ("https://api.anthropic.com/v1", "/v1/messages", "https://api.anthropic.com/v1/messages"),
    ("https://api.anthropic.com/v1/", "/v1/messages", "https://api.anthropic.com/v1/messages"),
    ("https://h/anthropic", "/v1/messages", "https://h/anthropic/v1/messages"),
    ("https://h/v1/messages", "/v1/messages", "https://h/v1/messages"),
    ("https://h/v1", "/v1/messages/count_tokens", "https://h/v1/messages/count_tokens"),
]


@pytest.mark.parametrize(("base", "path", "url"), URLS)
def test_a_base_address_may_hold_the_version_or_the_path(base: str, path: str, url: str) -> None:
    assert Provider(name="p", dialect="d", base_url=base).url(path) == url


def test_a_provider_can_be_printed_without_showing_its_key() -> None:
    assert "hidden" not in repr(Provider(name="p", dialect="d", base_url="b", api_key=Secret("hidden")))
