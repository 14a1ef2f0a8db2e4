from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.dialects.anthropic_messages.peek import peek, peek_count, rewrite
from pointsman.errors import InvalidRequest
from tests.support.anthropic_wire import wire

BODY = (
    b'{ "model": "claude-a",\n "max_tokens":16, "messages": [{"role":"user"}],'
    b' "stream" : true, "x-new":[1 ,2]}'
)


def test_a_peek_sees_what_policy_needs() -> None:
    peeked = peek(BODY)
    assert (peeked.model, peeked.max_output, peeked.stream, peeked.wants_stream_usage) == (
        "claude-a",
        16,
        True,
        True,
    )
    assert bytes(peeked.fields["x-new"]) == b"[1 ,2]"


@pytest.mark.parametrize("value", [False, None])
def test_not_a_stream(value: bool | None) -> None:
    assert peek(msgspec.json.encode(wire(stream=value))).stream is False


def test_zero_only_warms_the_cache() -> None:
    assert peek(msgspec.json.encode(wire(max_tokens=0))).max_output == 0


def test_counting_needs_no_max_tokens() -> None:
    body = wire()
    assert peek_count(msgspec.json.encode(body)).max_output == 4096
    del body["max_tokens"]
    assert peek_count(msgspec.json.encode(body)).max_output is None
    with pytest.raises(InvalidRequest, match="messages: Field required"):
        peek_count(b'{"model":"m"}')


@pytest.mark.parametrize(
    ("changed", "param", "words"),
    [
        ({"model": None}, "model", "valid string"),
        ({"model": ""}, "model", "at least 1 character"),
        ({"messages": {}}, "messages", "valid array"),
        ({"messages": "[]"}, "messages", "valid array"),
        ({"max_tokens": "16"}, "max_tokens", "valid integer"),
        ({"max_tokens": 1.5}, "max_tokens", "valid integer"),
        ({"max_tokens": None}, "max_tokens", "valid integer"),
        ({"max_tokens": -1}, "max_tokens", "greater than or equal to 0"),
        ({"stream": "yes"}, "stream", "valid boolean"),
        ({"stream": 1}, "stream", "valid boolean"),
    ],
)
def test_faults(changed: dict[str, Any], param: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as caught:
        peek(msgspec.json.encode(wire(**changed) | changed))
    assert caught.value.param == param


@pytest.mark.parametrize("name", ["model", "messages", "max_tokens"])
def test_a_missing_field_is_named_in_anthropics_words(name: str) -> None:
    body = wire()
    del body[name]
    with pytest.raises(InvalidRequest) as caught:
        peek(msgspec.json.encode(body))
    assert (caught.value.param, caught.value.message) == (name, f"{name}: Field required")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"model":"\xff"}', b"[" * 100_000])
def test_what_is_no_object(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        peek(body)


def test_nothing_to_change_is_the_same_object() -> None:
    assert rewrite(BODY, peek(BODY), model="claude-a", defaults={"max_output": 5}) is BODY


def test_every_other_byte_stays() -> None:
    changed = rewrite(BODY, peek(BODY), model="b", defaults={"temperature": 0.5, "max_output": 9})
    assert changed == BODY.replace(b'"claude-a"', b'"b"')[:-1] + b',"temperature":0.5}'


def test_a_default_gives_way_to_the_caller_even_to_null() -> None:
    body = msgspec.json.encode(wire(temperature=None, top_p=0.1))
    defaults = {"temperature": 1, "top_p": 1, "max_output": 1}
    assert rewrite(body, peek(body), model="claude-test", defaults=defaults) is body
