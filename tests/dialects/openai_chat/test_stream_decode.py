from __future__ import annotations

import json
from typing import Any

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
from pointsman.dialects.openai_chat.stream_decode import OpenAIChatStreamDecoder
from pointsman.errors import UpstreamMalformed, UpstreamRateLimited, UpstreamUnavailable
from tests.support.openai_chat_cases import (
    ROLE,
    START,
    STREAMS,
    USAGE,
    USAGE_CHUNK,
    USAGE_WIRE,
    call_more,
    call_start,
    chunk,
    delta,
)

FINISH = delta({}, "stop")


def _feed(*chunks: dict[str, Any], done: bool = True) -> tuple[list[StreamEvent], bool]:
    decoder = OpenAIChatStreamDecoder()
    events = [event for each in chunks for event in decoder.feed("", json.dumps(each).encode())]
    if done:
        events += decoder.feed("", b"[DONE]")
    return events, decoder.ended


@pytest.mark.parametrize("case", STREAMS)
def test_the_table(case: str) -> None:
    chunks, events = STREAMS[case]
    assert _feed(*chunks) == (events, True)


def test_usage_beside_the_finish_ends_at_once() -> None:
    last = delta({}, "stop") | {"usage": USAGE_WIRE}
    events, ended = _feed(ROLE, delta({"content": "a"}), last, USAGE_CHUNK)
    assert events == [START, TextDelta(0, "a"), PartEnd(0), StreamEnd(Stop.END, USAGE)]
    assert ended


def test_running_usage_counts_by_its_last_word() -> None:
    early = delta({"content": "a"}) | {"usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    events, _ = _feed(ROLE, early, FINISH | {"usage": USAGE_WIRE})
    assert events[-1] == StreamEnd(Stop.END, USAGE)


def test_no_usage_at_all_ends_with_done() -> None:
    events, ended = _feed(ROLE, delta({"content": "a"}), FINISH, FINISH | {"usage": {"prompt_tokens": 0}})
    assert events[-2:] == [PartEnd(0), StreamEnd(Stop.END, None)]
    assert ended


@pytest.mark.parametrize(
    ("chunks", "done"),
    [
        ([ROLE, delta({"content": "a"})], True),
        ([ROLE, delta({"content": "a"}), USAGE_CHUNK], True),
        ([ROLE, delta({"content": "a"})], False),
        ([], True),
        ([ROLE, FINISH], False),
    ],
)
def test_a_stream_that_breaks_off_has_not_ended(chunks: list[dict[str, Any]], done: bool) -> None:
    events, ended = _feed(*chunks, done=done)
    assert not ended
    assert not any(isinstance(event, StreamEnd) for event in events)


def _whole(index: int | None, call_id: str | None, name: str | None, arguments: Any) -> dict[str, Any]:
    call = {"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}
    return {key: value for key, value in call.items() if value is not None}


def _calls(*fragments: dict[str, Any]) -> list[StreamEvent]:
    events, ended = _feed(*(delta({"tool_calls": [fragment]}) for fragment in fragments), FINISH, USAGE_CHUNK)
    assert ended
    assert events[0] == START
    assert events[-1] == StreamEnd(Stop.TOOL_CALLS, USAGE)
    return events[1:-1]


TWO = [
    ToolCallStart(0, "c1", "f"),
    ToolCallDelta(0, '{"a":1}'),
    PartEnd(0),
    ToolCallStart(1, "c2", "g"),
    ToolCallDelta(1, "{}"),
    PartEnd(1),
]
ONE = [ToolCallStart(0, "c1", "f"), ToolCallDelta(0, '{"a"'), ToolCallDelta(0, ":1}"), PartEnd(0)]


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        pytest.param([_whole(0, "c1", "f", '{"a":1}'), _whole(1, "c2", "g", "{}")], TWO, id="whole"),
        pytest.param([_whole(None, "c1", "f", '{"a":1}'), _whole(None, "c2", "g", "{}")], TWO, id="no index"),
        pytest.param([_whole(0, "c1", "f", '{"a":1}'), _whole(0, "c2", "g", "{}")], TWO, id="index always 0"),
        pytest.param([_whole(0, "c1", "f", {"a": 1}), _whole(1, "c2", "g", {})], TWO, id="objects"),
        pytest.param(
            [_whole(0, "c1", "f", '{"a"'), _whole(0, "c1", "f", ":1}")], ONE, id="id and name repeat"
        ),
        pytest.param([_whole(0, "c1", "f", '{"a"'), _whole(0, "c1", None, ":1}")], ONE, id="id repeats"),
        pytest.param([_whole(None, "c1", "f", '{"a"'), _whole(None, None, None, ":1}")], ONE, id="bare rest"),
        pytest.param([_whole(0, "c1", "f", '{"a"'), _whole(0, "", "", ":1}")], ONE, id="empty id and name"),
        pytest.param([_whole(0, "c1", "f", '{"a"'), _whole(0, "", "f", ":1}")], ONE, id="name repeats"),
        pytest.param(
            [_whole(0, "c1", "f", '{"a":1}'), _whole(1, "c2", "g", "{}"), _whole(0, None, None, "")],
            TWO,
            id="nothing more for an earlier call",
        ),
        pytest.param(
            [_whole(0, "c1", None, '{"a"'), _whole(0, None, "f", ":1}")],
            [ToolCallStart(0, "c1", "f"), ToolCallDelta(0, '{"a":1}'), PartEnd(0)],
            id="name late",
        ),
    ],
)
def test_calls_as_servers_send_them(fragments: list[dict[str, Any]], expected: list[StreamEvent]) -> None:
    assert _calls(*fragments) == expected


def test_calls_without_ids_get_distinct_ones() -> None:
    for index in (0, None):
        events = _calls(_whole(index, None, "f", "{}"), _whole(index, "", "f", "{}"))
        ids = [event.id for event in events if isinstance(event, ToolCallStart)]
        assert len(set(ids)) == len(ids) == 2


def test_many_calls_in_one_chunk() -> None:
    calls = [_whole(None, "c1", "f", '{"a":1}'), _whole(None, "c2", "g", "{}")]
    events, _ = _feed(delta({"tool_calls": calls}, "tool_calls"))
    assert events == [START, *TWO, StreamEnd(Stop.TOOL_CALLS, None)]


def test_white_space_does_not_tear_a_call_apart() -> None:
    events, _ = _feed(
        call_start(0, "c1", "f"), call_more(0, '{"a"'), delta({"content": "\n"}), call_more(0, ":1}"), FINISH
    )
    assert events == [START, *ONE, StreamEnd(Stop.TOOL_CALLS, None)]


def test_the_old_function_call() -> None:
    events, _ = _feed(
        delta({"function_call": {"name": "f", "arguments": ""}}),
        delta({"function_call": {"arguments": "{}"}}),
        delta({}, "function_call"),
    )
    started = events[1]
    assert isinstance(started, ToolCallStart)
    assert events[2:] == [ToolCallDelta(0, "{}"), PartEnd(0), StreamEnd(Stop.TOOL_CALLS, None)]


def test_other_spellings_of_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    events, _ = _feed(delta({"reasoning": "h", "content": parts}), delta({"refusal": "no"}), FINISH)
    assert events == [
        START,
        ThinkingDelta(0, "h"),
        PartEnd(0),
        TextDelta(1, "ab"),
        PartEnd(1),
        RefusalDelta(2, "no"),
        PartEnd(2),
        StreamEnd(Stop.END, None),
    ]


def test_other_choices_are_not_mixed_in() -> None:
    other = chunk([{"index": 1, "delta": {"content": "x"}, "finish_reason": "stop"}])
    events, ended = _feed(ROLE, delta({"content": "a"}), other, USAGE_CHUNK, done=False)
    assert events == [START, TextDelta(0, "a")]
    assert not ended


def test_blank_data_and_what_comes_after_the_end_are_nothing() -> None:
    decoder = OpenAIChatStreamDecoder()
    assert decoder.feed("", b"") == decoder.feed("", b" ") == []
    for each in (ROLE, FINISH, USAGE_CHUNK):
        decoder.feed("", json.dumps(each).encode())
    assert decoder.ended
    assert decoder.feed("", b"[DONE]") == decoder.feed("", json.dumps(USAGE_CHUNK).encode()) == []


def test_a_stream_without_names() -> None:
    body = b'{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}'
    assert OpenAIChatStreamDecoder().feed("", body) == [
        StreamStart("", ""),
        TextDelta(0, "a"),
        PartEnd(0),
        StreamEnd(Stop.END, Usage(input=1)),
    ]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "slow", "code": "rate_limit_exceeded"}, UpstreamRateLimited),
        ({"message": "down", "type": "server_error"}, UpstreamUnavailable),
        ("boom", UpstreamUnavailable),
    ],
)
def test_an_error_event_is_raised(error: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        _feed(ROLE, {"error": error})


@pytest.mark.parametrize(
    "data", [b"<html>", b"5", b'{"choices":5}', b'{"choices":[{"delta":{"content":5}}]}', b"\xff"]
)
def test_what_is_no_chunk_is_malformed(data: bytes) -> None:
    with pytest.raises(UpstreamMalformed):
        OpenAIChatStreamDecoder().feed("", data)


@pytest.mark.parametrize(
    "chunks",
    [
        [call_start(0, "c1", "f"), call_start(1, "c2", "g"), call_more(0, "{}")],
        [delta({"tool_calls": [_whole(0, "c1", None, "{}")]}), FINISH],
    ],
)
def test_calls_that_make_no_sense_are_malformed(chunks: list[dict[str, Any]]) -> None:
    with pytest.raises(UpstreamMalformed):
        _feed(*chunks)
