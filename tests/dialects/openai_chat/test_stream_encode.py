from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from pointsman.chat import (
    PartEnd,
    RedactedThinkingPart,
    RefusalDelta,
    Request,
    Stop,
    StreamEnd,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from pointsman.dialects.openai_chat.stream_decode import OpenAIChatStreamDecoder
from pointsman.dialects.openai_chat.stream_encode import OpenAIChatStreamEncoder
from tests.support.openai_chat_cases import HI, START, STREAMS, USAGE

REQUEST = Request("m", (HI,), stream=True, stream_usage=True)


def _encode(events: list[StreamEvent], *, stream_usage: bool = True) -> list[bytes]:
    encoder = OpenAIChatStreamEncoder(msgspec.structs.replace(REQUEST, stream_usage=stream_usage))
    wire = b"".join(encoder.encode(event) for event in events)
    assert wire.endswith(b"\n\n")
    lines = wire[:-2].split(b"\n\n")
    assert all(line.startswith(b"data: ") for line in lines)
    return [line[len(b"data: ") :] for line in lines]


@pytest.mark.parametrize("case", STREAMS)
def test_the_table(case: str) -> None:
    chunks, events = STREAMS[case]
    *wire, done = _encode(events)
    assert done == b"[DONE]"
    assert [json.loads(line) for line in wire] == chunks


@pytest.mark.parametrize("case", STREAMS)
def test_usage_is_told_only_to_those_who_asked(case: str) -> None:
    chunks, events = STREAMS[case]
    wire = _encode(events, stream_usage=False)[:-1]
    expected = [{name: each[name] for name in each if name != "usage"} for each in chunks[:-1]]
    assert [json.loads(line) for line in wire] == expected


@pytest.mark.parametrize("case", STREAMS)
def test_the_official_sdk_accumulates_it(case: str) -> None:
    state = ChatCompletionStreamState()
    for line in _encode(STREAMS[case][1])[:-1]:
        for _ in state.handle_chunk(ChatCompletionChunk.model_validate_json(line)):
            pass
    completion = state.current_completion_snapshot
    texts = "".join(event.text for event in STREAMS[case][1] if isinstance(event, TextDelta))
    assert (completion.choices[0].message.content or "") == texts
    assert completion.usage is not None
    assert completion.usage.total_tokens == USAGE.total


def _deltas(*events: StreamEvent) -> list[dict[str, Any]]:
    wire = _encode([START, *events, StreamEnd(Stop.END)])
    return [json.loads(line)["choices"][0]["delta"] for line in wire[1:-2]]


def test_a_call_without_arguments_reads_as_an_empty_object() -> None:
    deltas = _deltas(ToolCallStart(0, "c", "f"), ToolCallDelta(0, ""), PartEnd(0))
    assert [delta["tool_calls"][0]["function"] for delta in deltas] == [
        {"name": "f", "arguments": ""},
        {"arguments": "{}"},
    ]


def test_what_has_no_place_is_not_sent() -> None:
    assert (
        _deltas(ThinkingDelta(0, "", "sig"), PartEnd(0), RedactedThinkingPart(1, "x"), TextDelta(2, "")) == []
    )


def test_no_usage_chunk_where_nothing_was_reported() -> None:
    wire = _encode([START, StreamEnd(Stop.LENGTH)])
    assert [json.loads(line).get("usage") for line in wire[:-1]] == [None, None]
    assert json.loads(wire[1])["choices"][0]["finish_reason"] == "length"


def test_the_tier_goes_with_the_usage() -> None:
    wire = _encode([START, StreamEnd(Stop.END, Usage(input=1, tier="priority"))])
    assert json.loads(wire[-2])["service_tier"] == "priority"


_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)


@st.composite
def _streams(draw: st.DrawFn) -> list[StreamEvent]:
    """Parts of any kind, no two text parts of one kind side by side: the wire could not tell those apart."""
    events: list[StreamEvent] = [START]
    last = ""
    called = False
    for index in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from([kind for kind in ("text", "think", "refuse", "call") if kind != last]))
        last = "" if kind == "call" else kind
        texts = draw(st.lists(_text.filter(lambda text: not text.isspace()), min_size=1, max_size=3))
        if kind == "call":
            called = True
            events.append(ToolCallStart(index, f"c{index}", draw(_text)))
            events += [ToolCallDelta(index, text) for text in texts]
        elif kind == "text":
            events += [TextDelta(index, text) for text in texts]
        elif kind == "think":
            events += [ThinkingDelta(index, text) for text in texts]
        else:
            events += [RefusalDelta(index, text) for text in texts]
        events.append(PartEnd(index))
    stops = [Stop.TOOL_CALLS, Stop.LENGTH] if called else [Stop.END, Stop.LENGTH, Stop.REFUSAL]
    return [*events, StreamEnd(draw(st.sampled_from(stops)), draw(st.sampled_from([None, USAGE])))]


@given(_streams())
def test_what_is_encoded_reads_back_the_same(events: list[StreamEvent]) -> None:
    decoder = OpenAIChatStreamDecoder()
    assert [event for line in _encode(events) for event in decoder.feed("", line)] == events
    assert decoder.ended
