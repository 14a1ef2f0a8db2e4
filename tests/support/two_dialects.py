"""Requests that both dialects can say, in the words of each."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import strategies as st

from pointsman.chat import Image, Message, Request, Source, Text, Tool, ToolCall, ToolChoice, ToolResult
from pointsman.dialects import get_dialect
from pointsman.dialects.base import Target

from .hub_strategies import names, objects, schemas, words

FACES = ("openai_chat", "anthropic_messages")
_said = words.map(str.strip).filter(bool)
_texts = st.builds(Text, _said)
_images = st.builds(
    Image,
    st.builds(Source, st.just("base64"), st.just("iVBORw0KGgo="), st.just("image/png"))
    | st.builds(Source, st.just("url"), _said.map("https://example.com/{}".format)),
)
_calls = st.builds(ToolCall, names, names, objects.map(lambda value: msgspec.json.encode(value).decode()))
_tools = st.builds(Tool, names, schemas, description=st.text(max_size=5), strict=st.none() | st.booleans())


@st.composite
def _rounds(draw: st.DrawFn) -> list[Message]:
    """The assistant speaks and calls; the results come back, and perhaps words with them."""
    calls = draw(st.lists(_calls, max_size=2, unique_by=lambda call: call.id))
    said = draw(st.lists(_texts, min_size=0 if calls else 1, max_size=1))
    results = [ToolResult(call.id, (draw(_texts),)) for call in calls]
    words_too = draw(st.lists(_texts, min_size=0 if results else 1, max_size=1))
    return [Message("assistant", (*said, *calls)), Message("user", (*results, *words_too))]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    first = Message("user", (draw(_texts), *draw(st.lists(_images, max_size=1))))
    rounds = draw(st.lists(_rounds(), max_size=2))
    tools = draw(st.lists(_tools, max_size=2))
    choices = [None, ToolChoice("auto"), ToolChoice("required"), ToolChoice("none")] if tools else [None]
    return Request(
        model="m",
        messages=(first, *(message for both in rounds for message in both)),
        system=tuple(draw(st.lists(_texts, max_size=1))),
        max_output=draw(st.integers(1, 9000)),
        temperature=draw(st.none() | st.sampled_from([0.0, 0.5, 1.0])),
        stop=tuple(draw(st.lists(_said, max_size=2))),
        tools=tuple(tools),
        tool_choice=draw(st.sampled_from(choices)),
    )


def body_of(request: Request, dialect: str) -> bytes:
    """In the words of that dialect."""
    encoded = get_dialect(dialect).encode_request(request, Target("m"))
    assert not encoded.dropped, f"{dialect} cannot say {encoded.dropped}"
    return encoded.body


def respelled(body: bytes) -> bytes:
    """The same JSON in other bytes: keys the other way round, white space, other numbers, escapes."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(list(value))}
        if isinstance(value, list):
            return [turned(inner) for inner in value]
        return value

    return json.dumps(turned(json.loads(body)), indent=3, ensure_ascii=True).encode()
