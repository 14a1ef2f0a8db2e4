"""The parser without a socket: every way to cut the bytes gives the same answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import UpstreamMalformed
from pointsman.http1.answer import HEAD_MAX, HEADERS_MAX, AnswerParser
from tests.support.http_source import StubSource

_OK = b"HTTP/1.1 200 OK\r\n"
_CASES = {
    "length": (_OK + b"Content-Length: 5\r\n\r\nhello", b"hello", True, True),
    "chunked": (
        _OK + b"Transfer-Encoding: Chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        b"hello",
        True,
        True,
    ),
    "interim": (
        b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n" + _OK + b"content-length: 2\r\n\r\nok",
        b"ok",
        True,
        True,
    ),
    "close": (_OK + b"connection: close\r\ncontent-length: 2\r\n\r\nok", b"ok", True, False),
    "1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", b"ok", True, False),
    "1.0 kept": (
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
        b"ok",
        True,
        True,
    ),
    "until eof": (_OK + b"\r\nhello", b"hello", False, False),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n", b"", True, True),
    "surplus": (_OK + b"content-length: 2\r\n\r\nokHTTP/1.1 500 evil\r\nx: y\r\n\r\n", b"ok", True, False),
    "garbage": (_OK + b"content-length: 2\r\n\r\nok garbage", b"ok", True, False),
}


@given(st.sampled_from(sorted(_CASES)), st.integers(1, 80), st.booleans())
def test_any_cut_gives_the_same_answer(name: str, size: int, again: bool) -> None:
    raw, body, complete, reusable = _CASES[name]
    source = StubSource()
    parser = AnswerParser("x:1", source)
    for _ in range(1 + (again and reusable)):
        parser.start(head_only=False)
        for at in range(0, len(raw), size):
            if parser.complete:
                break  # the connection then no longer asks the parser
            parser.feed(raw[at : at + size])
        assert parser.response is not None
        assert parser.response.headers.get("x") is None
        assert (parser.complete, parser.until_eof) == (complete, not complete)
        if size >= len(raw) or name not in ("surplus", "garbage"):
            assert parser.reusable == reusable
        parser.response.complete()
        assert source.taken(parser.response) == body


def test_a_head_request_has_no_body_and_ends_the_connection() -> None:
    parser = AnswerParser("x:1", StubSource())
    parser.start(head_only=True)
    parser.feed(_OK + b"content-length: 5\r\n\r\n")
    assert (parser.complete, parser.reusable) == (True, False)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"", {}),
        (b"X-A: 1\r\nx-b: \xfc\r\n", {"x-a": "1", "x-b": "ü"}),
        (b"X-A: 1\r\nx-b:\r\nx-a:  Two\r\n", {"x-a": "1, Two", "x-b": ""}),
    ],
)
def test_headers_are_read_and_repeated_ones_joined(lines: bytes, expected: dict[str, str]) -> None:
    parser = AnswerParser("x:1", StubSource())
    parser.feed(_OK + lines + b"\r\n")
    assert parser.response is not None
    assert parser.response.headers == expected


def test_progress_is_told() -> None:
    parser = AnswerParser("x:1", StubSource())
    steps = [(_OK, False), (b"transfer-encoding: chunked\r\n\r\n", True), (b"1\r\n", False), (b"a", True)]
    for data, progress in [*steps, (b"\r\n0", False), (b"\r\nx: y\r\n", False), (b"\r\n", True)]:
        parser.feed(data)
        assert parser.progress is progress


@pytest.mark.parametrize(
    ("pieces", "match"),
    [
        ([b"SSH-2.0\r\n"], "not HTTP/1.1"),
        ([b"HTTP/1.1 101 Switching Protocols\r\n\r\n"], "status 101"),
        ([_OK + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"], "transfer-encoding"),
        ([_OK + b"content-encoding: br\r\n\r\n"], "content-encoding 'br'"),
        ([_OK + b"a: b\r\n" * (HEADERS_MAX + 2)], f"more than {HEADERS_MAX} headers"),
        ([_OK, b"a: " + b"b" * HEAD_MAX + b"\r\n\r\n"], "bytes of head"),
        ([_OK, b"a: ", *[b"b" * 1000] * 70], "bytes of head"),
        ([b"HTTP/1.1 103 Early\r\n\r\n"] * 5000, "bytes of head"),
        ([_OK + b"transfer-encoding: chunked\r\n\r\n0\r\nx: ", *[b"b" * 1000] * 70], "or trailers"),
        ([_OK + b"transfer-encoding: chunked\r\n\r\n1;", *[b"b" * 1000] * 70], "or trailers"),
    ],
)
def test_what_is_refused(pieces: list[bytes], match: str) -> None:
    parser = AnswerParser("x:1", StubSource())
    with pytest.raises(UpstreamMalformed, match=match):
        for piece in pieces:
            parser.feed(piece)


def test_a_long_stream_of_small_chunks_is_not_mistaken_for_a_flood() -> None:
    parser = AnswerParser("x:1", StubSource())
    parser.feed(_OK + b"transfer-encoding: chunked\r\n\r\n")
    for _ in range(20_000):
        parser.feed(b"1\r\n")
        parser.feed(b"a\r\n")
    assert parser.response is not None
    assert parser.response.unread == 20_000
    parser.release()
