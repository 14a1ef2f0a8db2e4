from __future__ import annotations

import pytest

from pointsman.dialects.anthropic_messages.events import split_events


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_are_found_whatever_ends_their_lines(end: bytes) -> None:
    block = end.join(
        [
            b"event: message_stop",
            b'data: {"type":"message_stop"}',
            b"",
            b": a comment",
            b"",
            b"data:1",
            b"data: 2",
            b"",
            b"event:ping",
            b"data: {}",
            b"",
            b"event: without data",
            b"",
            b"",
        ]
    )
    assert list(split_events(block)) == [
        ("message_stop", b'{"type":"message_stop"}'),
        ("", b"1\n2"),
        ("ping", b"{}"),
    ]


def test_nothing_and_bad_bytes() -> None:
    assert list(split_events(b"")) == []
    assert list(split_events(b"event: \xff\ndata: x\n\n")) == [("\ufffd", b"x")]
