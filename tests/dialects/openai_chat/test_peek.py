from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.dialects.openai_chat.peek import peek, rewrite
from pointsman.errors import InvalidRequest

BODY = b'{"model":"a","messages":[{"role":"user","content":"hi"}]}'


def _body(**fields: Any) -> bytes:
    return json.dumps({"model": "a", "messages": [], **fields}, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("fields", "stream", "max_output", "wants_usage"),
    [
        ({}, False, None, False),
        ({"stream": None, "max_tokens": None, "stream_options": None}, False, None, False),
        ({"stream": True, "max_tokens": 5}, True, 5, False),
        ({"max_tokens": 5, "max_completion_tokens": 6}, False, 6, False),
        ({"max_tokens": 5, "max_completion_tokens": None}, False, 5, False),
        ({"stream": True, "stream_options": {"include_usage": True}}, True, None, True),
        ({"stream": True, "stream_options": {"include_usage": False}}, True, None, False),
    ],
)
def test_what_policy_needs(
    fields: dict[str, Any], stream: bool, max_output: int | None, wants_usage: bool
) -> None:
    seen = peek(_body(**fields))
    assert (seen.model, seen.stream, seen.max_output, seen.wants_stream_usage) == (
        "a",
        stream,
        max_output,
        wants_usage,
    )
    assert bytes(seen.fields["model"]) == b'"a"'


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"[]", None),
        (b'{"model":"a","messages":[]', None),
        (b'{"messages":[]}', "model"),
        (b'{"model":null,"messages":[]}', "model"),
        (b'{"model":"","messages":[]}', "model"),
        (b'{"model":5,"messages":[]}', "model"),
        (b'{"model":"a"}', "messages"),
        (b'{"model":"a","messages":"hi"}', "messages"),
        (b'{"model":"a","messages":null}', "messages"),
        (_body(stream="yes"), "stream"),
        (_body(max_tokens="9"), "max_tokens"),
        (_body(max_tokens=0), "max_tokens"),
        (_body(max_completion_tokens=-1), "max_completion_tokens"),
        (_body(max_tokens=2**31), "max_tokens"),
        (_body(max_completion_tokens=1.5), "max_completion_tokens"),
        (_body(stream_options=5), "stream_options"),
        (_body(stream_options={"include_usage": 1}), "stream_options.include_usage"),
    ],
)
def test_a_bad_request_is_refused_by_name(body: bytes, param: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        peek(body)
    assert caught.value.param == param
    assert caught.value.status == 400


def _rewrite(body: bytes, *, model: str = "a", force_usage: bool = False, **defaults: Any) -> bytes:
    return rewrite(body, peek(body), model=model, defaults=defaults, force_usage=force_usage)


def test_nothing_to_change_is_the_same_object() -> None:
    assert _rewrite(BODY, force_usage=True) is BODY
    body = _body(temperature=1, max_tokens=4)
    assert _rewrite(body, force_usage=True, temperature=0.5, max_output=9) is body
    body = _body(stream=True, stream_options={"include_usage": True})
    assert _rewrite(body, force_usage=True) is body


@pytest.mark.parametrize(
    ("body", "how", "expected"),
    [
        (BODY, {"model": "b"}, b'{"model":"b","messages":[{"role":"user","content":"hi"}]}'),
        (_body(), {"temperature": 0.5}, b'{"model":"a","messages":[],"temperature":0.5}'),
        (_body(top_p=None), {"top_p": 0.5}, b'{"model":"a","messages":[],"top_p":0.5}'),
        (_body(), {"max_output": 7}, b'{"model":"a","messages":[],"max_completion_tokens":7}'),
        (_body(max_tokens=3), {"max_output": 7}, _body(max_tokens=3)),
        (
            _body(stream=True),
            {"force_usage": True},
            b'{"model":"a","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
        ),
        (
            _body(stream=True, stream_options=None),
            {"force_usage": True},
            b'{"model":"a","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
        ),
        (
            _body(stream=True, stream_options={"include_obfuscation": False}),
            {"force_usage": True, "model": "b"},
            b'{"model":"b","messages":[],"stream":true,'
            b'"stream_options":{"include_obfuscation":false,"include_usage":true}}',
        ),
        (
            _body(stream=True, stream_options={"include_usage": False}),
            {"force_usage": True},
            b'{"model":"a","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
        ),
    ],
)
def test_only_what_must_change_changes(body: bytes, how: dict[str, Any], expected: bytes) -> None:
    assert _rewrite(body, **how) == expected
