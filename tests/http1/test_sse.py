from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import UpstreamMalformed
from pointsman.http1 import EventSplitter, iter_events
from pointsman.http1.sse import EVENT_MAX

_EVENTS = [
    pytest.param(b"data: x\n\n", [("", b"x")], id="data"),
    pytest.param(b"data:x\n\n", [("", b"x")], id="no space"),
    pytest.param(b"data:  x\n\n", [("", b" x")], id="one space is skipped"),
    pytest.param(b"event: ping\ndata: {}\n\n", [("ping", b"{}")], id="named"),
    pytest.param(b"data: a\ndata: b\n\n", [("", b"a\nb")], id="two lines"),
    pytest.param(b"data\n\n", [("", b"")], id="field without colon"),
    pytest.param(b"data:\n\n", [("", b"")], id="empty data"),
    pytest.param(b": comment\n\n", [], id="comment"),
    pytest.param(b": c\ndata: x\nid: 1\nretry: 5\nother: y\n\n", [("", b"x")], id="what is skipped"),
    pytest.param(b"event: x\n\ndata: y\n\n", [("", b"y")], id="a name without data is no event"),
    pytest.param(b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", [("", b"a"), ("", b"b"), ("", b"c")], id="ends"),
    pytest.param(b"event: e\r\ndata: a\rdata: b\n\r\n", [("e", b"a\nb")], id="mixed ends"),
    pytest.param(b"\n\n\ndata: a\n\n\n\ndata: b\n\n", [("", b"a"), ("", b"b")], id="many blank lines"),
    pytest.param(b"\xef\xbb\xbfdata: x\n\n", [("", b"x")], id="byte order mark"),
    pytest.param(b"data: \xc3\xa4\xff\n\n", [("", b"\xc3\xa4\xff")], id="data are bytes"),
    pytest.param(b"data: x", [("", b"x")], id="cut end"),
    pytest.param(b"", [], id="nothing"),
]


@pytest.mark.parametrize(("block", "events"), _EVENTS)
def test_events(block: bytes, events: list[tuple[str, bytes]]) -> None:
    assert list(iter_events(block)) == events


@pytest.mark.parametrize(("block", "events"), _EVENTS)
def test_byte_by_byte(block: bytes, events: list[tuple[str, bytes]]) -> None:
    splitter = EventSplitter()
    wholes = [splitter.feed(block[at : at + 1]) for at in range(len(block))]
    rest = splitter.rest()
    assert b"".join(wholes) + rest == block
    seen = [event for whole in [*wholes, rest] for event in iter_events(whole)]
    assert seen == events


def test_a_chunk_of_whole_events_is_passed_on_untouched() -> None:
    for chunk in (b"data: 1\n\ndata: 2\n\n", b"data: 1\r\n\r\ndata: 2\r\n\r\n"):
        assert EventSplitter().feed(chunk) is chunk


def test_an_event_is_given_as_soon_as_it_is_whole() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: 1\n") == b""
    assert splitter.feed(b"\ndata: 2") == b"data: 1\n\n"
    assert splitter.feed(b"\r\n\r") == b"data: 2\r\n\r"
    assert splitter.feed(b"\ndata: 3\r\r") == b"\ndata: 3\r\r"
    assert splitter.rest() == b""
    assert splitter.feed(b"data: 4") == b""
    assert (splitter.rest(), splitter.rest()) == (b"data: 4", b"")


_pieces = st.sampled_from(
    [b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b"data: ", b"data:", b"event: e", b"x", b":", b"\xc3"]
)


@given(st.lists(_pieces, max_size=40).map(b"".join), st.lists(st.integers(1, 7), min_size=1))
def test_any_chunking_gives_the_same_events_and_bytes(stream: bytes, sizes: list[int]) -> None:
    splitter = EventSplitter()
    wholes = []
    at = turn = 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        wholes.append(splitter.feed(stream[at : at + size]))
        at, turn = at + size, turn + 1
    rest = splitter.rest()
    assert b"".join(wholes) + rest == stream
    cut = len(stream) - len(rest)
    assert [event for whole in wholes for event in iter_events(whole)] == list(iter_events(stream[:cut]))
    assert not list(iter_events(rest)) or len(list(iter_events(rest))) == 1  # never a whole event held back


def test_a_huge_event_is_refused_and_a_large_one_costs_no_square() -> None:
    splitter = EventSplitter()
    with pytest.raises(UpstreamMalformed, match="single event"):
        for _ in range(EVENT_MAX // 65536 + 1):
            assert splitter.feed(b"x" * 65536) == b""
    with pytest.raises(UpstreamMalformed, match="single event"):
        EventSplitter().feed(b"x" * (EVENT_MAX + 1))
    lines = b"data:\n" * 200_000
    ((_, data),) = iter_events(lines)
    assert data == b"\n" * 199_999
