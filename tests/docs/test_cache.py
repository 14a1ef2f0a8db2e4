"""What the page of the answer cache says of its words, settings and defaults is so."""

from __future__ import annotations

import pytest

from pointsman.caching.equal.defaults import told_defaults
from pointsman.caching.rules.policy import CacheRules, decide
from pointsman.config.cache import CacheSettings
from pointsman.errors import InvalidRequest
from tests.support.pages import DOCS

PAGE = (DOCS / "cache.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ["bypass", "sampled", "exact", "pace=50", "pace=0"])
def test_the_words_of_a_request_are_on_the_page_and_taken(word: str) -> None:
    assert f"x-pointsman-cache: {word}" in PAGE or f"`{word}`" in PAGE
    decide(CacheRules(), {}, wish=word.encode())
    with pytest.raises(InvalidRequest):
        decide(CacheRules(), {}, wish=word.encode() + b"x")


def test_the_settings_are_on_the_page() -> None:
    missing = {name for name in CacheSettings.__struct_fields__ if f"cache.{name}" not in PAGE}
    assert missing <= {"semantic"}, "that has a page of its own"


def test_who_tells_what_of_sampling_is_as_the_page_has_it() -> None:
    assert "where only OpenAI, Anthropic or DeepSeek may answer, and `top_p: 1` without Anthropic" in PAGE
    assert dict(told_defaults(["openai", "anthropic", "deepseek"], {})) == {"temperature": 1}
    assert dict(told_defaults(["openai", "deepseek"], {})) == {"temperature": 1, "top_p": 1}
    assert told_defaults(["openai", "gemini"], {}) == ()
