from __future__ import annotations

import pytest

from pointsman.dialects.openai_chat.marks import (
    Turn,
    first_message,
    has_own,
    kept_explicitly,
    read_turns,
)
from pointsman.dialects.splice import read_fields

BODY = b'{"model":"m","messages":[ {"role":"system","content":"be brief"},{"role":"user","content":"a"}] }'
MARK = b'"prompt_cache_breakpoint":{"mode":"explicit"}'
OPTIONS = b'"prompt_cache_options":{"mode":"explicit"}'


def test_nothing_is_kept() -> None:
    expected = BODY.replace(b"] }", b"] ," + OPTIONS + b"}")
    assert kept_explicitly(BODY, read_fields(BODY), None) == (expected, 0)


def test_the_instructions_are() -> None:
    fields = read_fields(BODY)
    turns = read_turns(bytes(fields["messages"]))
    assert turns == [Turn("system", 38), Turn("user", 29)]
    assert [turn.instructs for turn in turns] == [True, False]
    first = first_message(bytes(fields["messages"]), 38)
    block = b'[{"type":"text","text":"be brief",' + MARK + b"}]"
    expected = BODY.replace(b'"be brief"', block).replace(b"] }", b"] ," + OPTIONS + b"}")
    assert kept_explicitly(BODY, fields, first) == (expected, 1)


def test_where_they_cannot_bear_a_mark_nothing_is_kept() -> None:
    body = BODY.replace(b'"be brief"', b'""')
    assert kept_explicitly(body, read_fields(body), (2, 32))[1] == 0


@pytest.mark.parametrize(
    "more",
    [
        b'"prompt_cache_options":{},',
        b'"prompt_cache_retention":"24h",',
    ],
)
def test_what_the_caller_said(more: bytes) -> None:
    body = BODY.replace(b"{", b"{" + more, 1)
    assert has_own(read_fields(body), b"[]")
    assert not has_own(read_fields(BODY), BODY)
    assert has_own(read_fields(BODY), BODY.replace(b'"a"', b'[{"type":"text","text":"a",' + MARK + b"}]"))


@pytest.mark.parametrize("messages", [b"[1]", b"{}", b'[{"content":"a"}]'])
def test_what_are_no_messages(messages: bytes) -> None:
    assert read_turns(messages) is None
