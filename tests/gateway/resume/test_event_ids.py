"""Ids of events: put in without changing anything else, found again, wherever the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import Conflict, InvalidRequest
from pointsman.gateway.resume.event_ids import (
    EventId,
    EventIds,
    check_event_id,
    no_such_event,
    other_body,
    place_behind,
    read_event_id,
    read_starting_after,
    stream_gone,
)
from pointsman.http1 import iter_events
from tests.support.anthropic_sdk import accumulate
from tests.support.event_ids import ids_of, without_ids
from tests.support.openai_sdk import accumulate_openai
from tests.support.provider_bytes import ANTHROPIC_EVENTS, OPENAI_EVENTS

REQUEST = "req_0123456789abcdef0123456789"
ID = f"id: {REQUEST}:".encode()


def marked(*blocks: bytes) -> bytes:
    ids = EventIds(REQUEST)
    return b"".join(map(ids.mark, blocks))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (b"", b""),
        (b"data: a\n\n", ID + b"1\ndata: a\n\n"),
        (b"event: x\ndata: a\n\n", ID + b"1\nevent: x\ndata: a\n\n"),
        (b"data: a\n\ndata: b\n\n", ID + b"1\ndata: a\n\n" + ID + b"2\ndata: b\n\n"),
        (b"data: a\r\n\r\ndata: b\r\r", ID + b"1\ndata: a\r\n\r\n" + ID + b"2\ndata: b\r\r"),
        (b"\ndata: a\r\n\r\n", b"\n" + ID + b"1\ndata: a\r\n\r\n"),  # the LF of a CRLF that was cut
        (b"\xef\xbb\xbfdata: a\n\n", b"\xef\xbb\xbf" + ID + b"1\ndata: a\n\n"),
        (b"event: ping\n\n", ID + b"1\nevent: ping\n\n"),
        (b"retry: 5\n\n", ID + b"1\nretry: 5\n\n"),
        # a comment bears none; behind an id it would be an event to the SDKs if it had a blank line
        (b": queued\n\ndata: a\n\n", b": queued\n\n" + ID + b"1\ndata: a\n\n"),
        (
            b"data: a\n\n: alive\n: still\n\ndata: b\n\n",
            ID + b"1\ndata: a\n\n: alive\n: still\n" + ID + b"2\ndata: b\n\n",
        ),
        (b"data: a\n\n\n\ndata: b\n\n", ID + b"1\ndata: a\n\n" + ID + b"2\ndata: b\n\n"),
        (b"data: a\n\n\ndata: b\n\n", ID + b"1\ndata: a\n\n" + ID + b"2\ndata: b\n\n"),
        (b": why\ndata: a\n\n", ID + b"1\n: why\ndata: a\n\n"),
        # an id of the provider's
        (b"id: 7\ndata: a\n\n", b"id: 7\ndata: a\n" + ID + b"1\n\n"),
        (b"data: a\nid: 7\n\n", b"data: a\nid: 7\n" + ID + b"1\n\n"),
        (b"data: a\r\nid\r\n\r\n", b"data: a\r\nid\n" + ID + b"1\r\n\r\n"),
        (b"idle: 7\ndata: a\n\n", ID + b"1\nidle: 7\ndata: a\n\n"),
        # what is not whole
        (b"data: a\n\ndata: b\n", ID + b"1\ndata: a\n\ndata: b\n"),
    ],
)
def test_how_it_is_marked(block: bytes, expected: bytes) -> None:
    assert marked(block) == expected


@pytest.mark.parametrize("events", [OPENAI_EVENTS, ANTHROPIC_EVENTS])
def test_nothing_else_is_changed_and_each_is_found_again(events: tuple[bytes, ...]) -> None:
    pieces = list(map(EventIds(REQUEST).mark, events))
    whole = b"".join(pieces)
    assert without_ids(whole) == b"".join(events)
    assert ids_of(whole) == [f"{REQUEST}:{number}" for number in range(1, len(events) + 1)]
    for number in range(len(events) + 1):
        last = EventId(REQUEST, number)
        rest = b"".join(pieces[number:])
        for held in (pieces, [whole], [b"".join(pieces[:3]), *pieces[3:]]):
            place = place_behind(held, last)
            assert place is not None
            assert b"".join(held[place[0] :])[place[1] :] == rest
    assert place_behind(pieces, EventId(REQUEST, len(events) + 1)) is None
    assert place_behind(pieces, EventId("req_1", 1)) is None


lines = st.sampled_from(
    [
        b"data: a",
        b"data: id: %s:1" % REQUEST.encode(),
        b"data:",
        b"event: x",
        b": c",
        b"id: 7",
        b"retry: 1",
        b"x",
    ]
)
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(st.lists(st.tuples(st.lists(lines, min_size=1, max_size=3), ends), max_size=6), st.booleans())
def test_a_reader_sees_the_same_events_and_each_with_its_own_id(
    given_events: list[tuple[list[bytes], bytes]], together: bool
) -> None:
    blocks = [end.join([*event, b""]) + end for event, end in given_events]
    pieces = list(map(EventIds(REQUEST).mark, [b"".join(blocks)] if together else blocks))
    whole = b"".join(pieces)
    assert list(iter_events(whole)) == list(iter_events(b"".join(blocks)))
    numbers = [
        int(ident.rpartition(":")[2]) for ident in ids_of(whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    ]
    assert numbers == list(range(1, len(numbers) + 1))
    for number in numbers:
        place = place_behind(pieces, EventId(REQUEST, number))
        assert place is not None
        rest = b"".join(pieces[place[0] :])[place[1] :]
        assert len(list(iter_events(whole[: len(whole) - len(rest)]))) + len(list(iter_events(rest))) == len(
            list(iter_events(whole))
        )


@pytest.mark.parametrize("size", [1, 7, 1_000_000])
def test_the_official_sdks_read_it_with_comments_in_its_midst(size: int) -> None:
    """They take a blank line behind an id for an event, of which they then want data."""

    def with_comments(events: tuple[bytes, ...]) -> bytes:
        return marked(
            b": queued\n\n", *(piece for event in events for piece in (event, b": alive\n\n", b"\n"))
        )

    completion = accumulate_openai(with_comments(OPENAI_EVENTS))
    assert completion.choices[0].message.content == "Because so."
    message = accumulate(with_comments(ANTHROPIC_EVENTS), size=size)
    assert message["content"][0]["text"] == "Because so."


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", None),
        (b"  ", None),
        (f"{REQUEST}:0".encode(), EventId(REQUEST, 0)),
        (f" {REQUEST}:17 ".encode(), EventId(REQUEST, 17)),
    ],
)
def test_what_a_client_says(header: bytes, expected: EventId | None) -> None:
    assert read_event_id(header) == expected
    if expected is not None:
        assert str(expected).encode() == header.strip()


@pytest.mark.parametrize(
    "header",
    [
        b"17",
        b":17",
        b"req_1",
        b"req_1:",
        b"req_1:-1",
        b"req_1:017",
        b"req_1:1:2",
        b"r\xe9q:1",
        b"x" * 99 + b":1",
    ],
)
def test_what_is_no_id(header: bytes) -> None:
    with pytest.raises(InvalidRequest, match="Send exactly what") as raised:
        read_event_id(header)
    assert (raised.value.status, raised.value.code) == (400, "invalid_last_event_id")


def test_the_errors_say_what_to_do() -> None:
    last = EventId(REQUEST, 3)
    check_event_id(last, REQUEST)
    with pytest.raises(Conflict, match="or leave the header out"):
        check_event_id(last, "req_1")
    assert other_body(REQUEST).status == 409
    assert f"GET /v1/requests/{REQUEST}" in stream_gone(REQUEST).message
    assert (stream_gone(REQUEST).status, stream_gone(REQUEST).retryable) == (404, False)
    assert "no event 3" in no_such_event(last).message


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 0),
        ("a=1", 0),
        ("starting_after=0", 0),
        ("a=1&starting_after=17", 17),
        ("starting_after=", None),
        ("starting_after=-1", None),
        ("starting_after=01", None),
        ("starting_after=1&starting_after=2", None),
        ("starting_after=%D9%A1", None),
        ("starting_after=req_1:1", None),
    ],
)
def test_a_number_in_the_address(query: str, number: int | None) -> None:
    if number is not None:
        assert read_starting_after(query, REQUEST) == EventId(REQUEST, number)
        return
    with pytest.raises(InvalidRequest, match="0 is the beginning") as raised:
        read_starting_after(query, REQUEST)
    assert raised.value.code == "invalid_last_event_id"


def test_who_had_no_ids_is_told_what_gives_them() -> None:
    with pytest.raises(InvalidRequest, match="x-pointsman-resumable: true") as raised:
        read_event_id(b"17")
    for error in (raised.value, stream_gone(REQUEST)):
        assert "Idempotency-Key" in error.message and "streams.resumable" in error.message
