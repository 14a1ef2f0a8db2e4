from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.dialects.anthropic_messages.tap import HELD_BYTES, StreamTap
from pointsman.dialects.base import Delivered
from pointsman.errors import UpstreamUnavailable
from tests.support.anthropic_answers import (
    FULL_USAGE,
    PLAIN_USAGE,
    STREAMS,
    block_delta,
    block_start,
    json_delta,
    sse,
    start_event,
    text_delta,
)
from tests.support.anthropic_wire import MODEL


def words(text: str) -> int:
    return len(text.split())


def tapped(*blocks: bytes) -> StreamTap:
    tap = StreamTap(words)
    for block in blocks:
        assert tap.feed(block) is block
    return tap


@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize("together", [1, 3, 100])
@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_tells_its_usage_however_it_is_cut_into_blocks(name: str, together: int, crlf: bool) -> None:
    wire, meant = STREAMS[name]
    events = [sse(event) for event in wire]
    blocks = [b"".join(events[at : at + together]) for at in range(0, len(events), together)]
    if crlf:
        blocks = [block.replace(b"\n", b"\r\n") for block in blocks]
    tap = tapped(*blocks)
    assert (tap.model, tap.upstream_id, tap.ended, tap.error) == (MODEL, "msg_1", True, None)
    assert tap.usage == getattr(meant[-1], "usage", None)
    assert tap.usage is not None


def test_spellings_of_other_servers() -> None:
    tap = tapped(
        b'event:message_delta\ndata:{"type":"message_delta","usage":{"input_tokens":2,"output_tokens":3}}\n\n',
        b'data: {"type":"message_stop"}\n\n',
    )
    assert (tap.usage, tap.ended) == (Usage(input=2, output=3), True)


def test_the_last_of_several_counts() -> None:
    def delta(tokens: int) -> dict[str, Any]:
        return {"type": "message_delta", "delta": {}, "usage": {"output_tokens": tokens}}

    tap = tapped(sse(start_event(FULL_USAGE[0])), sse(delta(5), delta(60)))
    assert tap.usage == msgspec.structs.replace(FULL_USAGE[1], output=60)


def test_text_that_looks_like_an_event_is_text() -> None:
    lie = 'event: message_delta\ndata: {"type":"message_stop"}\n\nevent: error\ndata: {"type":"error"}\n\n'
    tap = tapped(sse(start_event(PLAIN_USAGE[0]), text_delta(0, lie), text_delta(0, '"message_stop"')))
    assert (tap.ended, tap.error, tap.usage) == (False, None, None)
    assert tap.delivered().output_tokens == words(lie) + 1


def test_rare_events_are_found_among_many_with_look_alikes() -> None:
    lie = '"message_stop" "type":"error" "message_delta"'
    common = [text_delta(0, lie), json_delta(1, '{"error":"message_stop"}'), {"type": "ping"}] * 5
    end: dict[str, Any] = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 7}}
    block = sse(start_event(PLAIN_USAGE[0]), *common, end, *common, {"type": "message_stop"}, *common)
    for end_of_line in (b"\n", b"\r\n", b"\r"):
        tap = tapped(block.replace(b"\n", end_of_line))
        assert (tap.ended, tap.error, tap.upstream_id) == (True, None, "msg_1")
        assert tap.usage == msgspec.structs.replace(PLAIN_USAGE[1], output=7)
        late = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"m"}}\n\n'
        tap.feed((sse(*common) + late + sse(*common)).replace(b"\n", end_of_line))
        assert isinstance(tap.error, UpstreamUnavailable)


def test_an_error_event_is_seen() -> None:
    tap = tapped(
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"m"}}\n\n'
    )
    assert isinstance(tap.error, UpstreamUnavailable)
    assert (tap.error.status, tap.ended) == (529, False)
    odd = tapped(b'event: error\ndata: {"type":"error","message":3, "error": "x"\n\n')
    assert isinstance(odd.error, UpstreamUnavailable)


def test_garbage_passes_and_means_nothing() -> None:
    tap = tapped(
        b'event: message_delta\ndata: {"type":"message_delta"\n\n', b"\xff\xfe", b'data: "message_"\n\n'
    )
    assert (tap.usage, tap.ended, tap.error) == (None, False, None)


def test_what_was_delivered_before_the_cut() -> None:
    tap = tapped(
        sse(start_event(FULL_USAGE[0])),
        sse(block_start(0, {"type": "thinking", "thinking": "", "signature": ""})),
        sse(block_delta(0, "thinking", "thinking", "one two three")),
        sse(block_delta(0, "signature", "signature", "not counted")),
        sse({"type": "ping"}),
        sse(block_start(1, {"type": "text", "text": ""}), text_delta(1, "four"), text_delta(1, " ")),
        sse(block_start(2, {"type": "tool_use", "id": "t", "name": "weather", "input": {}})),
        sse(json_delta(2, ""), json_delta(2, '{"a": 1}')),
    )
    # 3 thought, 1 + 1 said (no delta is free), 1 for the name of the tool, 2 for its arguments.
    assert tap.delivered() == Delivered(8, FULL_USAGE[1])
    assert tap.delivered() == Delivered(8, FULL_USAGE[1])
    assert tapped().delivered() == Delivered(0, None)


@pytest.mark.parametrize(
    ("data", "tokens"),
    [
        (rb'{"delta": {"type": "text_delta", "text": "a \"text\":\"b\" c"}}', 3),
        (rb'{"delta":{"text":"\u00e9\u00e9 \\"}}', 2),
        (rb'{"delta":{"text":"\ud800 a b"}}', 3),
        (b'{"delta":{"text":"\xff b"}}', 2),
        (b'{"delta":{"citation":{"cited_text":"a b c"}}}', 0),
        (b'{"delta":{"text":""}}', 0),
        (b'{"delta":{"text":"cut', 0),
    ],
)
def test_only_output_is_counted_whatever_it_looks_like(data: bytes, tokens: int) -> None:
    assert tapped(b"event: content_block_delta\ndata: " + data + b"\n\n").delivered().output_tokens == tokens


def test_memory_is_bounded_and_nothing_is_forgotten() -> None:
    event = sse(text_delta(0, "one two"))
    tap = StreamTap(words)
    sent = 3 * HELD_BYTES // len(event)
    for _ in range(sent):
        tap.feed(event)
        assert tap._held_bytes <= HELD_BYTES
        assert sum(map(len, tap._held)) == tap._held_bytes
    assert tap.delivered().output_tokens == 2 * sent
