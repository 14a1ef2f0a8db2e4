"""Which requests the cache takes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Request
from pointsman.dialects import get_dialect
from pointsman.gateway.cache.reading import Foreign, read_cacheable
from tests.support.gateway import ask


def read(dialect: str, **more: Any) -> Request | None:
    return read_cacheable(get_dialect(dialect), msgspec.json.encode(ask("m", **more)))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"seed": 7},
        {"n": 1},
        {"logprobs": False},
        {"logprobs": True, "top_logprobs": 3},
        {"user": "u", "metadata": {"a": "b"}},
        {"foo": {"b": 1, "a": [None]}},
        {"prediction": {"type": "content", "content": "a"}},
    ],
)
def test_what_the_hub_holds_is_taken_and_what_it_has_not_heard_of(more: dict[str, Any]) -> None:
    assert read("openai_chat", **more) is not None


@pytest.mark.parametrize(
    ("dialect", "more"),
    [
        ("openai_chat", {"messages": [{"role": "user", "content": "a", "weight": 1}]}),
        ("openai_chat", {"max_completion_tokens": 9}),
        ("anthropic_messages", {"tools": [{"name": "f", "input_schema": {}, "foo": 1}]}),
    ],
)
def test_what_is_unknown_deeper_is_no_request_of_the_hub(dialect: str, more: dict[str, Any]) -> None:
    assert read(dialect, **more) is None


@pytest.mark.parametrize(
    ("dialect", "more"),
    [
        ("openai_chat", {"n": 2}),
        ("openai_chat", {"web_search_options": {}}),
        ("openai_chat", {"modalities": ["text", "audio"]}),
        ("anthropic_messages", {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
        ("anthropic_messages", {"container": "c"}),
        ("anthropic_messages", {"mcp_servers": []}),
        ("openai_chat", {"extra_body": {"google": {"tools": [{"google_search": {}}]}}}),
        ("openai_chat", {"messages": [{"role": "assistant", "content": "a", "audio": {"id": "x"}}]}),
        ("openai_chat", {"messages": [{"role": "user", "content": [{"type": "video_url"}], "foo": 1}]}),
    ],
)
def test_an_answer_that_the_hub_would_not_hold_is_not(dialect: str, more: dict[str, Any]) -> None:
    with pytest.raises(Foreign):
        read(dialect, **more)


@pytest.mark.parametrize(
    "twice", [b'"foo":{"a":1,"a":2}', b'"foo":1,"foo":2', b'"tools":[],"stop":[{"a":1,"a":1}]']
)
def test_what_names_a_field_twice_has_no_single_reading(twice: bytes) -> None:
    body = msgspec.json.encode(ask("m"))[:-1] + b"," + twice + b"}"
    with pytest.raises(Foreign):
        read_cacheable(get_dialect("openai_chat"), body)


@pytest.mark.parametrize("odd", [b"1" * 5000, b"1e400", b'"\\ud800"', b"[" * 3000 + b"]" * 3000])
@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic_messages"])
def test_a_value_that_cannot_be_read_is_passed_by_wherever_it_stands(odd: bytes, dialect: str) -> None:
    body = msgspec.json.encode(ask("m"))
    for place in (body[:-1] + b',"foo":' + odd + b"}", body.replace(b'"role"', b'"foo":%b,"role"' % odd)):
        with pytest.raises(Foreign):
            read_cacheable(get_dialect(dialect), place)
