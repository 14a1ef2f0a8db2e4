"""What is known of a stream from a copy of its bytes, and that the client's own bytes stay as they are."""

from __future__ import annotations

import pytest

from pointsman.chat import (
    RedactedThinkingPart,
    Stop,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallStart,
)
from pointsman.dialects import get_dialect
from pointsman.gateway.call.overheard import Heard, Overheard, goes_on
from pointsman.gateway.call.values import Plan
from pointsman.resilience import RetryPolicy
from pointsman.tokens import count_text
from tests.support.gateway import a_route
from tests.support.provider_bytes import ANTHROPIC_EVENTS, OPENAI_EVENTS

EVENTS = {"openai_chat": OPENAI_EVENTS, "anthropic_messages": ANTHROPIC_EVENTS}
ERROR = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Too much."}}\n\n'


def overhearing(name: str = "anthropic_messages", *, withholds: bool = True) -> Overheard:
    dialect = get_dialect(name)
    tap = dialect.tap(strip_usage=False, count_tokens=count_text)
    return Overheard(tap, Heard(), dialect.stream_decoder(), raw=True, withholds=withholds)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("size", [1, 2, 99])
def test_it_hears_the_text_and_changes_nothing(name: str, size: int) -> None:
    pipe, events = overhearing(name), EVENTS[name]
    pieces = [b"".join(events[at : at + size]) for at in range(0, len(events), size)]
    assert b"".join(map(pipe.feed, pieces)) == b"".join(events)
    heard = pipe.heard
    assert (heard.text, heard.tokens(count_text), heard.parts) == ("Because so.", 3, {0: "text"})
    assert heard.start is not None
    assert (pipe.model, pipe.upstream_id, pipe.ended, pipe.error) == (
        heard.start.model,
        heard.start.id,
        True,
        None,
    )
    assert (heard.last, heard.refused, heard.foreign, heard.open) == (True, False, False, None)
    assert pipe.usage is not None
    assert pipe.delivered().output_tokens == 3


def test_a_block_that_is_open_and_empty_is_known() -> None:
    pipe = overhearing()
    pipe.feed(b"".join(ANTHROPIC_EVENTS[:3]))
    assert (pipe.heard.open, pipe.heard.parts, pipe.heard.text, pipe.heard.sound) == (
        0,
        {0: "text"},
        "",
        True,
    )


def test_an_error_event_is_withheld_with_all_that_follows() -> None:
    pipe = overhearing()
    begun = b"".join(ANTHROPIC_EVENTS[:4])
    assert pipe.feed(begun + ERROR + ANTHROPIC_EVENTS[5]) == begun
    assert (pipe.withheld, pipe.heard.text) == (ERROR, "Because")
    assert pipe.error is not None
    open_pipe = overhearing(withholds=False)
    assert open_pipe.feed(begun + ERROR) == begun + ERROR


def test_events_are_told_apart_however_their_lines_end() -> None:
    for end in (b"\r\n", b"\r"):
        pipe = overhearing()
        begun = b"".join(ANTHROPIC_EVENTS[:4]).replace(b"\n", end)
        assert pipe.feed(begun + ERROR.replace(b"\n", end)) == begun
        assert pipe.heard.text == "Because"


def test_what_it_cannot_read_passes_and_is_not_gone_on_with() -> None:
    pipe = overhearing()
    odd = b'event: content_block_delta\ndata: {"index":\n\n'
    assert pipe.feed(ANTHROPIC_EVENTS[0] + odd) == ANTHROPIC_EVENTS[0] + odd
    assert (pipe.heard.foreign, pipe.heard.sound) == (True, False)
    pipe.feed(b"".join(ANTHROPIC_EVENTS[1:4]))
    assert pipe.heard.text == "", "it has stopped listening"


def test_it_can_be_told_to_stop_listening() -> None:
    pipe = overhearing()
    pipe.stop_listening()
    assert pipe.feed(b"".join(ANTHROPIC_EVENTS)) == b"".join(ANTHROPIC_EVENTS)
    assert pipe.heard.text == ""


@pytest.mark.parametrize(
    ("name", "cut", "stop"),
    [
        ("openai_chat", 3, None),
        ("openai_chat", 4, Stop.END),
        ("anthropic_messages", 7, None),
    ],
)
def test_whether_all_was_said_when_it_broke_off(name: str, cut: int, stop: Stop | None) -> None:
    pipe = overhearing(name)
    pipe.feed(b"".join(EVENTS[name][:cut]))
    pipe.listen_to_the_end()
    assert (None if pipe.heard.end is None else pipe.heard.end.stop) == stop


def test_a_client_of_anthropics_bytes_has_been_told_why_it_stops() -> None:
    pipe = overhearing()
    pipe.feed(b"".join(ANTHROPIC_EVENTS[:-1]))
    pipe.listen_to_the_end()
    assert (pipe.heard.last, pipe.heard.end) == (True, None)


def test_what_another_model_could_go_on_with() -> None:
    def heard(*events: object) -> Heard:
        it = Heard()
        for event in events:
            it.see(event)  # type: ignore[arg-type]  # all of them are stream events
        return it

    start = StreamStart("a", "m")
    assert heard().sound
    assert heard(start, TextDelta(0, "So")).sound
    assert not heard(start, ThinkingDelta(0, "Hm")).sound, "it is still thinking"
    assert not heard(start, RedactedThinkingPart(0, "xx")).sound
    assert heard(start, ThinkingDelta(0, "Hm"), TextDelta(1, "So")).sound
    assert not heard(start, ThinkingDelta(0, "Hm"), TextDelta(1, " ")).sound, "that is no beginning"
    assert not heard(start, TextDelta(0, "So"), ToolCallStart(1, "c", "f")).sound
    assert not heard(start, TextDelta(0, "So"), StreamEnd(Stop.REFUSAL)).sound


def test_a_copy_goes_its_own_way() -> None:
    one = Heard()
    one.see(TextDelta(0, "So"))
    other = one.copy()
    other.see(TextDelta(0, " far"))
    other.see(TextDelta(1, "."))
    assert (one.text, one.parts, other.text, other.open) == ("So", {0: "text"}, "So far.", 1)


def test_it_is_asked_for_by_a_route() -> None:
    assert not goes_on(None)
    assert not goes_on(Plan(a_route(), {}))
    for wanted in (False, True):
        assert goes_on(Plan(a_route(), {}, "", (), RetryPolicy(continue_streams=wanted))) is wanted
