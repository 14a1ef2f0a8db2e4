from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.kept.replay import events_of, in_pieces, paced, response_of
from pointsman.chat import (
    Part,
    PartEnd,
    Refusal,
    RefusalDelta,
    Request,
    Response,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallStart,
    ToolResult,
    Usage,
)
from pointsman.dialects import DIALECTS
from pointsman.http1 import iter_events
from tests.support.answers import ANSWERS

START, END = StreamStart("i", "m"), StreamEnd(Stop.END, Usage(1, 2))


@given(ANSWERS)
def test_there_and_back(answer: Response) -> None:
    assert response_of(events_of(answer)) == answer


@given(ANSWERS, st.data())
def test_it_does_not_matter_into_how_many_pieces_it_was_cut(answer: Response, data: st.DataObject) -> None:
    cut: list[StreamEvent] = []
    for event in events_of(answer):
        if isinstance(event, TextDelta | RefusalDelta):
            at = data.draw(st.integers(0, len(event.text)))
            cut += [type(event)(event.index, event.text[:at]), type(event)(event.index, event.text[at:])]
        elif isinstance(event, ToolCallDelta):
            cut += [ToolCallDelta(event.index, piece) for piece in event.arguments]
        elif isinstance(event, ThinkingDelta):
            cut += [ThinkingDelta(event.index, event.text), ThinkingDelta(event.index, "", event.signature)]
        else:
            cut.append(event)
    assert response_of(cut) == answer


@given(ANSWERS)
def test_in_pieces_it_says_the_same(answer: Response) -> None:
    assert response_of(in_pieces(events_of(answer))) == answer


@given(st.text(alphabet=st.sampled_from("ab \n\u3000語é"), max_size=300))
def test_a_long_text_comes_some_words_at_a_time(text: str) -> None:
    pieces = [event.text for event in in_pieces([TextDelta(0, text)]) if isinstance(event, TextDelta)]
    assert "".join(pieces) == text
    assert all(piece and len(piece.split()) <= 4 and len("".join(piece.split())) <= 64 for piece in pieces)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=st.text(min_size=1, max_size=30), tokens=st.integers(1, 99))
def test_what_was_stored_whole_is_a_stream_of_either_dialect(dialect: str, text: str, tokens: int) -> None:
    face = DIALECTS[dialect]
    request = Request("m", (), stream=True, stream_usage=True)
    answer = Response("i", "m", (Text(text), ToolCall("c", "f", "{}")), Stop.TOOL_CALLS, Usage(tokens, 1))
    encoder, decoder = face.stream_encoder(request), face.stream_decoder()
    wire = b"".join(map(encoder.encode, events_of(answer)))
    told = response_of(event for name, data in iter_events(wire) for event in decoder.feed(name, data))
    assert told is not None
    assert (told.parts, told.stop, told.usage) == (answer.parts, answer.stop, answer.usage)


@pytest.mark.parametrize(
    ("events", "parts"),
    [
        ([TextDelta(0, "a"), TextDelta(1, "x"), TextDelta(0, "b"), PartEnd(0)], (Text("ab"), Text("x"))),
        ([TextDelta(1, "a"), ThinkingDelta(0, "hm", "s")], (Thinking("hm", "s"), Text("a"))),
        ([ToolCallStart(0, "c", "f"), ToolCallDelta(0, "")], (ToolCall("c", "f", "{}"),)),
        ([TextDelta(0, "I "), RefusalDelta(0, "won't")], (Text("I "), Refusal("won't"))),
        ([PartEnd(3)], ()),
        ([], ()),
    ],
)
def test_events_in_any_order_are_parts_in_theirs(events: list[StreamEvent], parts: tuple[Part, ...]) -> None:
    whole = response_of([START, *events, END])
    assert whole is not None
    assert whole.parts == parts


@pytest.mark.parametrize("events", [[], [START], [END], [START, TextDelta(0, "a")]])
def test_what_lacks_beginning_or_end_is_no_answer(events: list[StreamEvent]) -> None:
    assert response_of(events) is None


def test_what_only_requests_have_is_not_told() -> None:
    answer = Response("i", "m", (ToolResult("c", ()), Text("a")), Stop.END)
    assert list(events_of(answer)) == [
        StreamStart("i", "m"),
        TextDelta(1, "a"),
        PartEnd(1),
        StreamEnd(Stop.END),
    ]


def test_at_a_pace_only_content_waits_for_content() -> None:
    events = [
        (b"start", False),
        (b"a", True),
        (b"b", True),
        (b"end of it", False),
        (b"c", True),
        (b"end", False),
    ]
    assert [wait for wait, _ in paced(events, 4.0)] == [0.0, 0.0, 0.25, 0.0, 0.25, 0.0]
    assert [event for _, event in paced(events, 4.0)] == [event for event, _ in events]
