from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
from pointsman.dialects.anthropic_messages.stream_decode import StreamDecoder
from pointsman.errors import UpstreamMalformed, UpstreamUnavailable
from tests.support.anthropic_answers import (
    FULL_USAGE,
    STREAMS,
    block_start,
    block_stop,
    end_events,
    json_delta,
    start_event,
    text_delta,
)
from tests.support.anthropic_wire import MODEL


def decoded(events: Iterable[dict[str, Any]], *, named: bool = True) -> list[StreamEvent]:
    decoder = StreamDecoder()
    return [
        out
        for event in events
        for out in decoder.feed(event["type"] if named else "", msgspec.json.encode(event))
    ]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("name", STREAMS)
def test_what_the_wire_says_is_what_the_hub_holds(name: str, named: bool) -> None:
    wire, meant = STREAMS[name]
    assert decoded(wire, named=named) == list(meant)


def test_the_end_is_the_message_stop() -> None:
    wire, _ = STREAMS["text"]
    decoder = StreamDecoder()
    for event in wire:
        assert not decoder.ended
        decoder.feed(event["type"], msgspec.json.encode(event))
    assert decoder.ended


def test_unknown_events_blocks_and_deltas_pass() -> None:
    events = decoded(
        [
            {"type": "ping"},
            {"type": "weather_report", "delta": "not an object", "index": "nor a number"},
            start_event(None),
            block_start(0, {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
            json_delta(0, '{"query"'),
            block_stop(0),
            block_start(1, {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}),
            block_stop(1),
            block_start(2, {"type": "text", "text": ""}),
            {
                "type": "content_block_delta",
                "index": 2,
                "delta": {"type": "citations_delta", "citation": {"type": "char_location"}},
            },
            {"type": "content_block_delta", "index": 2, "delta": {"type": "sparkle_delta", "glow": 3}},
            text_delta(2, "a"),
            block_stop(2),
            *end_events("end_turn", {"output_tokens": 4}),
        ]
    )
    assert events == [StreamStart("msg_1", MODEL), TextDelta(0, "a"), PartEnd(0), StreamEnd(Stop.END)]
    assert decoded([{"type": "weather_report", "delta": "x"}], named=False) == []


def test_the_last_usage_goes_over_the_first() -> None:
    events = decoded([start_event(FULL_USAGE[0]), *end_events("end_turn", {"output_tokens": 77})])
    assert events[-1] == StreamEnd(Stop.END, msgspec.structs.replace(FULL_USAGE[1], output=77))


def test_an_input_told_at_the_start_counts_where_no_fragment_follows() -> None:
    tool = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    assert decoded([block_start(0, tool), json_delta(0, ""), block_stop(0)]) == [
        ToolCallStart(0, "t", "f"),
        ToolCallDelta(0, '{"a":1}'),
        PartEnd(0),
    ]
    assert decoded([block_start(0, tool), json_delta(0, '{"a":2}'), block_stop(0)]) == [
        ToolCallStart(0, "t", "f"),
        ToolCallDelta(0, '{"a":2}'),
        PartEnd(0),
    ]
    assert decoded([block_start(0, tool | {"input": {}}), block_stop(0)])[1] == ToolCallDelta(0, "{}")


def test_content_told_at_the_start_counts() -> None:
    assert decoded([block_start(0, {"type": "text", "text": "Hi"})]) == [TextDelta(0, "Hi")]
    assert decoded([block_start(0, {"type": "thinking", "thinking": "Hm", "signature": "s"})]) == [
        ThinkingDelta(0, "Hm", "s")
    ]


def test_blocks_left_open_are_closed_at_the_end() -> None:
    events = decoded([block_start(0, {"type": "text", "text": "a"}), {"type": "message_stop"}])
    assert events == [TextDelta(0, "a"), PartEnd(0), StreamEnd(Stop.OTHER)]


def test_a_refusal_brings_its_explanation() -> None:
    delta = {"stop_reason": "refusal", "stop_details": {"type": "refusal", "explanation": "Not this."}}
    events = decoded(
        [
            start_event({"input_tokens": 3, "output_tokens": 1}),
            {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ]
    )
    assert events[1:] == [
        RefusalDelta(0, "Not this."),
        PartEnd(0),
        StreamEnd(Stop.REFUSAL, Usage(input=3, output=2)),
    ]


def test_a_stop_sequence_is_kept() -> None:
    delta = {"stop_reason": "stop_sequence", "stop_sequence": "END"}
    events = decoded([{"type": "message_delta", "delta": delta}, {"type": "message_stop"}])
    assert events == [StreamEnd(Stop.STOP_SEQUENCE, None, "END")]


def test_an_error_event_is_raised() -> None:
    data = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    for name in ("error", ""):
        with pytest.raises(UpstreamUnavailable) as caught:
            StreamDecoder().feed(name, data)
        assert (caught.value.status, caught.value.message) == (529, "Overloaded")
    with pytest.raises(UpstreamUnavailable):
        StreamDecoder().feed("error", b"<html>")


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("message_start", b"{}"),
        ("message_start", b"<html>"),
        ("content_block_delta", b'{"delta":3}'),
        ("content_block_delta", b'{"delta":{"text":"\xff"}}'),
        ("", b"[1]"),
        ("", b"[DONE]"),
    ],
)
def test_what_the_dialect_does_not_allow(event: str, data: bytes) -> None:
    with pytest.raises(UpstreamMalformed):
        StreamDecoder().feed(event, data)
