from __future__ import annotations

from typing import Any

import pytest

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Message,
    RedactedThinking,
    Request,
    Source,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from pointsman.dialects.base import Target
from pointsman.dialects.openai_chat.encode_messages import encode_messages
from pointsman.errors import UntranslatableRequest
from tests.support.openai_chat_cases import HI, HI_WIRE, PIXEL

PICTURE = Image(Source("base64", PIXEL, "image/png"))
PICTURE_WIRE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}


def _encode(
    *turns: Message, system: tuple[Text, ...] = (), target: Target | None = None
) -> tuple[list[dict[str, Any]], set[str]]:
    dropped: set[str] = set()
    return encode_messages(Request("m", turns, system), target or Target("m"), dropped), dropped


def test_blocks_of_text_are_one_string() -> None:
    messages, dropped = _encode(
        Message("user", (Text("c", CacheHint("5m")), Text("d"))),
        Message("assistant", (Text("e"), Text("f"))),
        system=(Text("a"), Text("b", CacheHint())),
    )
    assert [message["content"] for message in messages] == ["a\n\nb", "c\n\nd", "ef"]
    assert dropped == {"cache_control"}


def test_pictures_of_a_result_move_behind_all_results() -> None:
    messages, dropped = _encode(
        Message(
            "user",
            (
                Text("And?"),
                ToolResult("c1", (Text("seen"), PICTURE)),
                ToolResult("c2", (Text("no"), Text("way")), is_error=True),
            ),
        )
    )
    assert messages == [
        {
            "role": "tool",
            "tool_call_id": "c1",
            "content": "seen\n\n(Attached in the user message that follows.)",
        },
        {"role": "tool", "tool_call_id": "c2", "content": "no\n\nway"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "(Attached to the result of tool call c1:)"},
                PICTURE_WIRE,
                {"type": "text", "text": "And?"},
            ],
        },
    ]
    assert dropped == {"tool_result.content", "is_error"}


def test_an_empty_result_is_still_answered() -> None:
    messages, _ = _encode(Message("user", (ToolResult("c", ()),)))
    assert messages == [{"role": "tool", "tool_call_id": "c", "content": ""}]


def test_signed_reasoning_stays_behind() -> None:
    turn = Message("assistant", (Thinking("hm", "sig"), RedactedThinking("x"), Text("a")))
    messages, dropped = _encode(HI, turn, HI)
    assert messages[1] == {"role": "assistant", "content": "a"}
    assert dropped == {"thinking", "redacted_thinking"}


def test_plain_reasoning_goes_back_unless_it_is_refused() -> None:
    turn = Message("assistant", (Thinking("hm"), Text("a")))
    messages, dropped = _encode(HI, turn)
    assert messages[1]["reasoning_content"] == "hm"
    assert dropped == set()
    messages, dropped = _encode(HI, turn, target=Target("m", accepts_reasoning_content=False))
    assert "reasoning_content" not in messages[1]
    assert dropped == {"thinking"}


def test_long_call_ids_are_shortened_alike_in_call_and_result() -> None:
    call_id = "toolu_" + "x" * 60
    messages, _ = _encode(
        HI,
        Message("assistant", (ToolCall(call_id, "f", "{}"),)),
        Message("user", (ToolResult(call_id, (Text("1"),)),)),
    )
    short = messages[2]["tool_call_id"]
    assert messages[1]["tool_calls"][0]["id"] == short
    assert len(short) <= 40


def test_documents_as_text_and_with_context() -> None:
    messages, dropped = _encode(
        Message(
            "user",
            (
                Document(Source("text", "body", "text/plain"), title="T", context="C"),
                Document(Source("base64", "QQ==", "application/pdf"), context="C2", citations=True),
                PICTURE,
            ),
        )
    )
    assert messages[0]["content"] == [
        {"type": "text", "text": "T\n\nC\n\nbody"},
        {"type": "text", "text": "C2"},
        {
            "type": "file",
            "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,QQ=="},
        },
        PICTURE_WIRE,
    ]
    assert dropped == {"citations"}


def test_own_breakpoints_are_sent_and_foreign_hints_named() -> None:
    messages, dropped = _encode(Message("user", (Text("a", CacheHint("30m")), Text("b", CacheHint("1h")))))
    assert messages[0]["content"] == [
        {"type": "text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}},
        {"type": "text", "text": "b"},
    ]
    assert dropped == {"cache_control"}


@pytest.mark.parametrize(
    ("turn", "param"),
    [
        (Message("assistant", (PICTURE,)), "messages[1].content[0]"),
        (Message("user", (Image(Source("file", "f1")),)), "messages[1].content[0]"),
        (Message("user", (Document(Source("url", "https://x")),)), "messages[1].content[0]"),
        (Message("user", (ToolCall("c", "f", "{}"),)), "messages[1].content[0]"),
    ],
)
def test_what_cannot_be_said_is_refused(turn: Message, param: str) -> None:
    with pytest.raises(UntranslatableRequest) as caught:
        _encode(HI, turn)
    assert caught.value.param == param


def test_prefill_is_refused_where_the_model_refuses_it() -> None:
    turn = Message("assistant", (Text("{"),))
    assert _encode(HI, turn)[0] == [HI_WIRE, {"role": "assistant", "content": "{"}]
    with pytest.raises(UntranslatableRequest) as caught:
        _encode(HI, turn, target=Target("m", accepts_prefill=False))
    assert caught.value.param == "messages[1]"
