from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given

from pointsman.chat import Request
from pointsman.dialects import DIALECTS, get_dialect
from pointsman.dialects.base import Target
from pointsman.dialects.wholly import read_wholly
from tests.support.hub_strategies import requests

HELLO: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_plain_body_is_read(dialect: str) -> None:
    face, body = get_dialect(dialect), msgspec.json.encode(HELLO)
    assert read_wholly(face, body) == face.decode_request(body)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"model":' + b"[" * 100_000,
        msgspec.json.encode(HELLO | {"temperature": "hot"}),
        msgspec.json.encode(HELLO | {"messages": [HELLO["messages"][0] | {"never_heard_of": 1}]}),
    ],
)
def test_what_cannot_be_read_or_not_wholly_is_not(dialect: str, body: bytes) -> None:
    assert read_wholly(get_dialect(dialect), body) is None


@given(requests())
def test_all_that_our_encoder_writes_is_held_wholly(request: Request) -> None:
    face = get_dialect("anthropic_messages")
    body = face.encode_request(request, Target("m")).body
    assert read_wholly(face, body) == face.decode_request(body)


class _Unheard:
    name = "unheard_of"


def test_of_a_dialect_without_shapes_nothing_is_held_wholly() -> None:
    unheard: Any = _Unheard()
    assert read_wholly(unheard, msgspec.json.encode(HELLO)) is None
