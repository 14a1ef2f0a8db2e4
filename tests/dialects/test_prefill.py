"""The beginning of an answer behind a conversation, in either dialect."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.dialects.prefill import with_answer

USER = {"role": "user", "content": "Why?"}


def turn(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content} | more


def joined(*turns: Any, said: str = "Because") -> Any:
    messages = with_answer(msgspec.Raw(msgspec.json.encode(list(turns))), said)
    return None if messages is None else msgspec.json.decode(messages)


def test_it_becomes_a_turn_of_its_own() -> None:
    assert joined(USER) == [USER, turn("Because")]


def test_every_other_byte_stays() -> None:
    raw = msgspec.Raw(b'[ {"role" : "user","content":"\\u00e9","x":1.50} ]')
    assert with_answer(raw, 'Be"cause') == (
        b'[{"role" : "user","content":"\\u00e9","x":1.50},{"role":"assistant","content":"Be\\"cause"}]'
    )


BEGUN: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    (turn("Well, "), turn("Well, Because")),
    (turn([{"type": "text", "text": "Well, "}]), turn([{"type": "text", "text": "Well, Because"}])),
    (
        turn([{"type": "thinking"}, {"type": "text", "text": "W", "cache_control": None}], name="n"),
        turn([{"type": "thinking"}, {"type": "text", "text": "WBecause", "cache_control": None}], name="n"),
    ),
    (turn([{"type": "tool_use", "id": "t"}]), None),
    (turn([{"type": "text", "text": None}]), None),
    (turn(["text"]), None),
    (turn([]), None),
    (turn(None), None),
    (turn("So", tool_calls=[{"id": "c"}]), None),
    (turn("So", tool_calls=[]), turn("SoBecause", tool_calls=[])),
]


@pytest.mark.parametrize(("last", "then"), BEGUN)
def test_where_the_caller_had_begun_the_answer_it_goes_on(
    last: dict[str, Any], then: dict[str, Any] | None
) -> None:
    assert joined(USER, last) == (None if then is None else [USER, then])


@pytest.mark.parametrize("messages", [b"[]", b"[1]", b'["user"]', b"{}", b"null"])
def test_what_is_no_conversation_has_no_answer(messages: bytes) -> None:
    assert with_answer(msgspec.Raw(messages), "So") is None
