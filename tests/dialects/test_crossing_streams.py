"""Streams through the hub from one dialect to the other, and what the official SDKs make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import pytest

from pointsman.chat import (
    PartEnd,
    RefusalDelta,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from pointsman.dialects.base import Dialect
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import (
    ContextWindowExceeded,
    InvalidRequest,
    PointsmanError,
    UpstreamQuotaExhausted,
)
from tests.support.anthropic_sdk import accumulate, events_of
from tests.support.anthropic_wire import wire
from tests.support.openai_sdk import accumulate_openai

_USAGE = Usage(input=10, output=50, cache_read=4000, reasoning=20)
_START = StreamStart("1", "m")
_STREAMS: dict[str, tuple[Sequence[StreamEvent], str, str, str, list[tuple[str, str, str]]]] = {
    "text": (
        [_START, TextDelta(0, "Hel"), TextDelta(0, "lo."), PartEnd(0), StreamEnd(Stop.END, _USAGE)],
        "end_turn",
        "stop",
        "Hello.",
        [],
    ),
    "thinking and calls": (
        [
            _START,
            ThinkingDelta(0, "Hm."),
            PartEnd(0),
            TextDelta(1, "Look:"),
            PartEnd(1),
            ToolCallStart(2, "c1", "f"),
            ToolCallDelta(2, '{"a":'),
            ToolCallDelta(2, "1}"),
            PartEnd(2),
            ToolCallStart(3, "c2", "g"),
            ToolCallDelta(3, "{}"),
            PartEnd(3),
            StreamEnd(Stop.TOOL_CALLS, _USAGE),
        ],
        "tool_use",
        "tool_calls",
        "Look:",
        [("c1", "f", '{"a":1}'), ("c2", "g", "{}")],
    ),
    "interleaved calls": (
        [
            _START,
            ToolCallStart(0, "c1", "f"),
            ToolCallStart(1, "c2", "g"),
            ToolCallDelta(1, '{"b"'),
            ToolCallDelta(0, '{"a":'),
            ToolCallDelta(1, ":2}"),
            ToolCallDelta(0, "1}"),
            PartEnd(0),
            PartEnd(1),
            StreamEnd(Stop.TOOL_CALLS, _USAGE),
        ],
        "tool_use",
        "tool_calls",
        "",
        [("c1", "f", '{"a":1}'), ("c2", "g", '{"b":2}')],
    ),
    "cut": (
        [_START, TextDelta(0, "Hel"), PartEnd(0), StreamEnd(Stop.LENGTH, _USAGE)],
        "max_tokens",
        "length",
        "Hel",
        [],
    ),
    "refusal": (
        [_START, RefusalDelta(0, "No."), PartEnd(0), StreamEnd(Stop.REFUSAL, _USAGE)],
        "refusal",
        "content_filter",
        "No.",
        [],
    ),
}
_ROUTES: dict[str, Callable[[Iterable[StreamEvent]], Iterable[StreamEvent]]] = {
    "straight": lambda events: events,
    "over Anthropic": lambda events: through(ANTHROPIC_MESSAGES, events),
    "over OpenAI": lambda events: through(OPENAI_CHAT, events),
    "over both": lambda events: through(ANTHROPIC_MESSAGES, through(OPENAI_CHAT, events)),
}


def encoded(dialect: Dialect, events: Iterable[StreamEvent]) -> bytes:
    body = msgspec.json.encode(wire(stream=True))
    encoder = dialect.stream_encoder(ANTHROPIC_MESSAGES.decode_request(body))
    return b"".join([encoder.encode(event) for event in events])


def through(dialect: Dialect, events: Iterable[StreamEvent]) -> list[StreamEvent]:
    decoder = dialect.stream_decoder()
    out = [event for name, data in events_of(encoded(dialect, events)) for event in decoder.feed(name, data)]
    assert decoder.ended
    return out


# OpenAI's decoder refuses a stream that mixes the fragments of two calls: no provider is known to send one.
_WAYS = [
    (name, route)
    for name in _STREAMS
    for route in _ROUTES
    if name != "interleaved calls" or route in ("straight", "over Anthropic")
]


@pytest.mark.parametrize(("name", "route"), _WAYS)
def test_a_stream_means_the_same_to_both_clients(name: str, route: str) -> None:
    events, stop_reason, finish_reason, text, calls = _STREAMS[name]
    arrived = list(_ROUTES[route](events))
    message = accumulate(encoded(ANTHROPIC_MESSAGES, arrived))
    assert message["stop_reason"] == stop_reason
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (10, 50)
    assert [
        (block["id"], block["name"], block["input"])
        for block in message["content"]
        if block["type"] == "tool_use"
    ] == [(call_id, name, msgspec.json.decode(arguments)) for call_id, name, arguments in calls]
    completion = accumulate_openai(encoded(OPENAI_CHAT, arrived))
    choice = completion.choices[0]
    assert choice.finish_reason == finish_reason
    # Anthropic says a refusal as plain text.
    assert (choice.message.content or "") + (choice.message.refusal or "") == text
    assert [
        (call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls or ()
    ] == calls
    assert completion.usage is not None
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (4010, 50)


@pytest.mark.parametrize("dialect", [ANTHROPIC_MESSAGES, OPENAI_CHAT])
@pytest.mark.parametrize(
    "error", [InvalidRequest("m"), ContextWindowExceeded("m"), UpstreamQuotaExhausted("m")]
)
def test_an_error_within_a_stream_ends_it(dialect: Dialect, error: PointsmanError) -> None:
    event = dialect.encode_stream_error(error, "req_1")
    ((name, data),) = [both for both in events_of(event) if both[1] != b"[DONE]"]
    with pytest.raises(PointsmanError):
        dialect.stream_decoder().feed(name, data)
