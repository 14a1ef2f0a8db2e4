"""Which requests the cache takes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.dialects import get_dialect
from pointsman.gateway.cache.reading import Foreign, read_cacheable
from tests.support.gateway import ask


def read(dialect: str, **more: Any) -> None:
    read_cacheable(get_dialect(dialect), msgspec.json.encode(ask("m", **more)))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"seed": 7},
        {"n": 1},
        {"logprobs": False},
        {"logprobs": True, "top_logprobs": 3},
        {"user": "u", "metadata": {"a": "b"}},
    ],
)
def test_what_the_hub_holds_or_what_only_steers_is_taken(more: dict[str, Any]) -> None:
    read("openai_chat", **more)


@pytest.mark.parametrize(
    ("dialect", "more"),
    [
        ("openai_chat", {"n": 2}),
        ("openai_chat", {"web_search_options": {}}),
        ("openai_chat", {"modalities": ["text", "audio"]}),
        ("anthropic_messages", {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
        ("anthropic_messages", {"container": "c"}),
    ],
)
def test_an_answer_that_the_hub_would_not_hold_is_not(dialect: str, more: dict[str, Any]) -> None:
    with pytest.raises(Foreign):
        read(dialect, **more)
