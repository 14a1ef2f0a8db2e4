"""The rest of an answer as a continuation: positions, white space, usage, and one end."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import (
    PartEnd,
    Request,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallStart,
    Usage,
)
from pointsman.dialects import get_dialect
from pointsman.gateway.attempts.woven import Woven, at_the_break, the_end
from pointsman.gateway.call.overheard import Heard
from pointsman.http1 import iter_events
from pointsman.tokens import count_text

ASKED = Request("m", (), stream=True, stream_usage=True)
DIALECTS = ["openai_chat", "anthropic_messages"]
TOLD = Usage(input=9, cache_read=3)


class Kept:
    """An encoder that keeps the events."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []

    def encode(self, event: StreamEvent) -> bytes:
        self.events.append(event)
        return b"x"


def heard(*events: StreamEvent) -> Heard:
    it = Heard()
    for event in events:
        it.see(event)
    return it


def begun(text: str = "So", usage: Usage | None = TOLD) -> Heard:
    return heard(StreamStart("a", "m", usage), TextDelta(0, text))


def woven(before: Heard, *events: StreamEvent, echo: str = "") -> list[StreamEvent]:
    kept = Kept()
    encoder = Woven(kept, before, echo, count_text)
    for event in events:
        encoder.encode(event)
    return kept.events


def test_there_is_no_second_beginning_and_text_goes_on_where_it_was() -> None:
    before = heard(StreamStart("a", "m"), ThinkingDelta(0, "Hm"), PartEnd(0), TextDelta(1, "So"))
    after = woven(before, StreamStart("b", "n"), TextDelta(0, " far"), PartEnd(0), ToolCallStart(1, "c", "f"))
    assert after == [TextDelta(1, " far"), PartEnd(1), ToolCallStart(2, "c", "f")]
    assert (before.text, before.foreign) == ("So far", True), "known, should it break again"


def test_what_is_no_text_stands_behind_what_there_is() -> None:
    after = woven(begun(), ThinkingDelta(0, "Hm"), PartEnd(0), TextDelta(1, "."))
    assert after == [ThinkingDelta(1, "Hm"), PartEnd(1), TextDelta(2, ".")]


def test_where_the_part_had_ended_text_gets_one_of_its_own() -> None:
    before = begun()
    before.leave(0)
    assert woven(before, TextDelta(0, "."), PartEnd(7)) == [TextDelta(1, ".")]


def test_without_a_first_beginning_this_is_it() -> None:
    start = StreamStart("b", "n", TOLD)
    assert woven(Heard(), start, TextDelta(0, "So")) == [start, TextDelta(0, "So")]


@given(st.text(alphabet=" \n\t", max_size=4), st.lists(st.text(alphabet=" \nab", max_size=4), max_size=5))
def test_white_space_that_the_client_has_does_not_come_twice(echo: str, deltas: list[str]) -> None:
    after = woven(begun(), *[TextDelta(0, text) for text in deltas], echo=echo)
    said = "".join(event.text for event in after if isinstance(event, TextDelta))
    whole = "".join(deltas)
    same = 0
    while same < min(len(echo), len(whole)) and echo[same] == whole[same]:
        same += 1
    assert said == whole[same:]


USAGES: list[tuple[Usage | None, Usage | None, Usage | None]] = [
    (TOLD, Usage(input=20, output=5, reasoning=1), Usage(input=9, cache_read=3, output=6, reasoning=1)),
    (None, Usage(input=20, output=5), Usage(input=19, output=6)),
    (None, Usage(cache_read=20, output=5), Usage(cache_read=20, output=6)),
    (TOLD, None, None),
]


@pytest.mark.parametrize(("first", "last", "whole"), USAGES)
def test_usage_is_that_of_one_answer(first: Usage | None, last: Usage | None, whole: Usage | None) -> None:
    (end,) = woven(begun("So", first), StreamEnd(Stop.LENGTH, last))
    assert end == StreamEnd(Stop.LENGTH, whole)


@pytest.mark.parametrize("name", DIALECTS)
def test_an_encoder_goes_on_as_the_one_before_would_have(name: str) -> None:
    """The two halves of a stream are those of a whole one, wherever it is cut."""
    events: list[StreamEvent] = [
        StreamStart("a", "m", TOLD, 7),
        ThinkingDelta(0, "Hm"),
        PartEnd(0),
        TextDelta(1, "So"),
        TextDelta(1, " far"),
        PartEnd(1),
        StreamEnd(Stop.END, Usage(1, 2)),
    ]
    face = get_dialect(name)
    whole = face.stream_encoder(ASKED)
    pieces = [whole.encode(event) for event in events]
    for cut in range(len(events) + 1):
        encoder = at_the_break(face, ASKED, heard(*events[:cut]), 7)
        if cut < len(events):
            assert [encoder.encode(event) for event in events[cut:]] == pieces[cut:]


def test_a_provider_that_tells_no_time_has_the_one_that_the_client_was_told() -> None:
    face = get_dialect("openai_chat")
    encoder = at_the_break(face, ASKED, begun(), 1_700_000_000)
    assert b'"created":1700000000' in encoder.encode(TextDelta(0, "."))


def last_events(data: bytes) -> list[Any]:
    return [msgspec.json.decode(each) if each.startswith(b"{") else each for _, each in iter_events(data)]


def test_the_end_where_the_cap_is_reached() -> None:
    face, before = get_dialect("anthropic_messages"), begun()
    stop, delta, end = last_events(the_end(at_the_break(face, ASKED, before, 0), before, count_text))
    assert (stop["type"], end["type"]) == ("content_block_stop", "message_stop")
    assert (delta["delta"]["stop_reason"], delta["usage"]["output_tokens"]) == ("max_tokens", 1)
    face, before = get_dialect("openai_chat"), begun("So", None)
    finish, done = last_events(the_end(at_the_break(face, ASKED, before, 0), before, count_text))
    assert (finish["choices"][0]["finish_reason"], done) == ("length", b"[DONE]")


def test_the_end_that_the_provider_had_told() -> None:
    face, before = get_dialect("openai_chat"), begun()
    before.end = StreamEnd(Stop.TOOL_CALLS, None)
    finish, _ = last_events(the_end(at_the_break(face, ASKED, before, 0), before, count_text))
    assert finish["choices"][0]["finish_reason"] == "tool_calls"


def test_only_the_very_end_where_the_client_knows_why_it_stops() -> None:
    face, before = get_dialect("anthropic_messages"), begun()
    before.last = True
    assert the_end(at_the_break(face, ASKED, before, 0), before, count_text) == (
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )
