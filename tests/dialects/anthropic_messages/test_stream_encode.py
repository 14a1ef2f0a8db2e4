from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import (
    PartEnd,
    RedactedThinkingPart,
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
from pointsman.dialects.anthropic_messages.stream_decode import StreamDecoder
from pointsman.dialects.anthropic_messages.stream_encode import StreamEncoder
from tests.support.anthropic_answers import FULL_USAGE, STREAMS, sse
from tests.support.anthropic_sdk import accumulate, events_of

START = StreamStart("chatcmpl-1", "gpt-test")
END = StreamEnd(Stop.END, Usage(input=3, output=4))


def encoded(events: Iterable[StreamEvent]) -> bytes:
    encoder = StreamEncoder()
    return b"".join([encoder.encode(event) for event in events])


@pytest.mark.parametrize("name", STREAMS)
def test_what_the_hub_holds_is_what_the_wire_says(name: str) -> None:
    wire, meant = STREAMS[name]
    ours = [msgspec.json.decode(data) for _, data in events_of(encoded(meant))]
    theirs = [msgspec.json.decode(data) for _, data in events_of(sse(*wire))]
    assert ours == theirs


@pytest.mark.parametrize("size", [1, 7, 1_000_000])
def test_the_sdk_accumulates_it(size: int) -> None:
    message = accumulate(encoded(STREAMS["thinking, text and two calls"][1]), size=size)
    assert message["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "b3A="},
        {"type": "text", "text": "Look:"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
    ]
    assert (message["stop_reason"], message["usage"]) == ("tool_use", FULL_USAGE[0])


def test_usage_known_only_at_the_end_reaches_the_client() -> None:
    message = accumulate(encoded([START, TextDelta(0, "Hi"), END]))
    assert (message["id"], message["model"]) == ("msg_chatcmpl-1", "gpt-test")
    assert message["usage"]["input_tokens"] == 3
    assert message["usage"]["output_tokens"] == 4


def test_an_answer_without_content_or_usage() -> None:
    message = accumulate(encoded([START, TextDelta(0, ""), PartEnd(0), StreamEnd(Stop.LENGTH)]))
    assert (message["content"], message["stop_reason"]) == ([], "max_tokens")
    assert message["usage"]["output_tokens"] == 0


def test_a_refusal_is_shown_and_told() -> None:
    message = accumulate(encoded([START, RefusalDelta(0, ""), RefusalDelta(0, "No."), END]))
    assert (message["content"], message["stop_reason"]) == ([{"type": "text", "text": "No."}], "refusal")


def test_an_empty_thought_and_empty_fragments() -> None:
    events: list[StreamEvent] = [
        START,
        ThinkingDelta(0),
        PartEnd(0),
        ToolCallStart(1, "t", "f"),
        ToolCallDelta(1, ""),
        END,
    ]
    assert accumulate(encoded(events))["content"] == [
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
    ]


def test_text_gives_way_at_once_and_a_call_keeps_its_place() -> None:
    encoder = StreamEncoder()
    encoder.encode(START)
    assert encoder.encode(TextDelta(0, "a")).count(b"event: ") == 2
    # Without waiting for the end of the text: its block is closed, the call's is opened.
    assert encoder.encode(ToolCallStart(1, "t1", "f")).count(b"event: ") == 2
    assert encoder.encode(ToolCallDelta(1, "{")).count(b"event: ") == 1
    # All this waits for the end of the call.
    for event in (ToolCallStart(2, "t2", "g"), ToolCallDelta(2, "{}"), TextDelta(0, "b"), PartEnd(2)):
        assert encoder.encode(event) == b""
    assert encoder.encode(ToolCallDelta(1, "}")).count(b"event: ") == 1
    released = encoder.encode(PartEnd(1))
    assert [name for name, _ in events_of(released)] == [
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
    ]
    assert encoder.encode(TextDelta(0, "c")).count(b"event: ") == 1
    assert encoder.encode(END).count(b"event: ") == 3


_fragments = st.lists(st.sampled_from(['{"a":"x', "é", "1", '"}', ""]), max_size=4)


@st.composite
def _interleaved(draw: st.DrawFn) -> list[StreamEvent]:
    """Parts whose events keep their own order and are shuffled among each other; ends may be missing."""
    queues: list[list[StreamEvent]] = []
    for index in range(draw(st.integers(1, 4))):
        fragments = draw(_fragments)
        queue: list[StreamEvent] = []
        match draw(st.sampled_from(["text", "call", "thought", "opaque"])):
            case "text":
                queue += [TextDelta(index, text) for text in fragments]
            case "call":
                queue += [
                    ToolCallStart(index, f"t{index}", "f"),
                    *[ToolCallDelta(index, x) for x in fragments],
                ]
            case "thought":
                queue += [ThinkingDelta(index, text) for text in fragments]
            case _:
                queue.append(RedactedThinkingPart(index, "x"))
        if draw(st.booleans()):
            queue.append(PartEnd(index))
        queues.append(queue)
    events: list[StreamEvent] = [START]
    while any(queues):
        events.append(draw(st.sampled_from([queue for queue in queues if queue])).pop(0))
    return [*events, END]


@given(_interleaved())
def test_whatever_is_interleaved_blocks_never_overlap_and_nothing_is_lost(events: list[StreamEvent]) -> None:
    body = encoded(events)
    _assert_framed(body)
    decoder = StreamDecoder()
    out = [event for name, data in events_of(body) for event in decoder.feed(name, data)]
    assert decoder.ended
    assert out[-1] == END
    for kind, field in ((TextDelta, "text"), (ThinkingDelta, "text")):
        said = "".join(getattr(event, field) for event in out if isinstance(event, kind))
        meant = "".join(getattr(event, field) for event in events if isinstance(event, kind))
        assert sorted(said) == sorted(meant)
    assert _calls(out) == {name: arguments or "{}" for name, arguments in _calls(events).items()}


def _calls(events: Iterable[StreamEvent]) -> dict[str, str]:
    ids: dict[int, str] = {}
    calls: dict[str, str] = {}
    for event in events:
        if isinstance(event, ToolCallStart):
            ids[event.index] = event.id
            calls[event.id] = ""
        elif isinstance(event, ToolCallDelta):
            calls[ids[event.index]] += event.arguments
    return calls


def _assert_framed(body: bytes) -> None:
    """message_start (start delta* stop)* message_delta message_stop, with indices that count up."""
    events: Iterator[dict[str, object]] = (msgspec.json.decode(data) for _, data in events_of(body))
    assert next(events)["type"] == "message_start"
    blocks = 0
    is_open = False
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert not is_open
                assert event["index"] == blocks
                is_open = True
            case "content_block_delta":
                assert is_open
                assert event["index"] == blocks
            case "content_block_stop":
                assert is_open
                assert event["index"] == blocks
                is_open = False
                blocks += 1
            case kind:
                assert kind == "message_delta"
                assert not is_open
                break
    assert [event["type"] for event in events] == ["message_stop"]
