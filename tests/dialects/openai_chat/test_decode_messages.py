from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import CacheHint, Image, Message, Refusal, Source, Text, Thinking, ToolCall, ToolResult
from pointsman.dialects.openai_chat import wire
from pointsman.dialects.openai_chat.decode_messages import decode_messages
from pointsman.errors import InvalidRequest, RequestError, UntranslatableRequest
from tests.support.openai_chat_cases import HI, HI_WIRE, PIXEL


def _decode(*messages: dict[str, Any]) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    return decode_messages(msgspec.convert(list(messages), list[wire.Message]))


def test_every_leading_instruction_is_the_system_prompt() -> None:
    parts = [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]
    system, turns = _decode(
        {"role": "system", "content": "a"}, {"role": "developer", "content": parts}, HI_WIRE
    )
    assert system == (Text("a"), Text("b"), Text("c"))
    assert turns == (HI,)


def test_results_of_a_legacy_function_answer_its_call() -> None:
    _, turns = _decode(
        HI_WIRE,
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": ""}},
        {"role": "function", "name": "f", "content": "1"},
    )
    assert turns[1:] == (
        Message("assistant", (ToolCall("call_1", "f", "{}"),)),
        Message("user", (ToolResult("call_1", (Text("1"),)),)),
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"reasoning": "hm", "content": "a"}, (Thinking("hm"), Text("a"))),
        ({"reasoning": {"effort": "x"}, "content": "a"}, (Text("a"),)),
        ({"content": ""}, ()),
        ({"content": [{"type": "text", "text": "a"}]}, (Text("a"),)),
        ({"content": [{"type": "refusal", "refusal": "no"}]}, (Refusal("no"),)),
    ],
)
def test_assistant_turns(message: dict[str, Any], expected: tuple[Any, ...]) -> None:
    _, turns = _decode(HI_WIRE, {"role": "assistant", **message})
    assert turns[1].parts == expected


def test_hints_of_either_spelling_and_images_in_results() -> None:
    image = {"type": "image_url", "image_url": f"data:image/PNG;base64,{PIXEL}"}
    _, turns = _decode(
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
                image | {"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": [image]},
    )
    picture = Source("base64", PIXEL, "image/png")
    assert turns[0].parts == (Text("a", CacheHint()), Image(picture, cache=CacheHint("30m")))
    assert turns[1].parts == (ToolResult("c", (Image(picture),)),)


@pytest.mark.parametrize(
    ("message", "kind", "param"),
    [
        ({"content": "x"}, InvalidRequest, "messages[0].role"),
        ({"role": "robot", "content": "x"}, InvalidRequest, "messages[0].role"),
        ({"role": "user"}, InvalidRequest, "messages[0].content"),
        ({"role": "tool", "content": "x"}, InvalidRequest, "messages[0].tool_call_id"),
        ({"role": "user", "content": [{"type": "text"}]}, InvalidRequest, "messages[0].content[0].text"),
        (
            {"role": "user", "content": [{"type": "input_audio"}]},
            UntranslatableRequest,
            "messages[0].content[0]",
        ),
        (
            {"role": "user", "content": [{"type": "hum"}]},
            UntranslatableRequest,
            "messages[0].content[0].type",
        ),
        (
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "refusal", "refusal": "x"}]},
            InvalidRequest,
            "messages[0].content",
        ),
        ({"role": "assistant", "audio": {"id": "a"}}, UntranslatableRequest, "messages[0].audio"),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]},
            InvalidRequest,
            "messages[0].tool_calls[0].id",
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "c"}]},
            InvalidRequest,
            "messages[0].tool_calls[0].function.name",
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "c", "type": "custom"}]},
            UntranslatableRequest,
            "messages[0].tool_calls[0].type",
        ),
        (
            {"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://x"}}]},
            InvalidRequest,
            "messages[0].content",
        ),
    ],
)
def test_what_is_wrong_is_named(message: dict[str, Any], kind: type[RequestError], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        _decode(message)
    assert (type(caught.value), caught.value.param) == (kind, param)
