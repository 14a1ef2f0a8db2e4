from __future__ import annotations

import pytest

from pointsman.errors import InvalidRequest
from pointsman.http1.head import encode_head

_START = "/v1 HTTP/1.1\r\nhost: x\r\n"


@pytest.mark.parametrize(
    ("method", "size", "expected"),
    [
        ("POST", 5, b"POST /v1 HTTP/1.1\r\nhost: x\r\na: 1\r\ncontent-length: 5\r\n\r\n"),
        ("POST", 0, b"POST /v1 HTTP/1.1\r\nhost: x\r\na: 1\r\ncontent-length: 0\r\n\r\n"),
        ("GET", 0, b"GET /v1 HTTP/1.1\r\nhost: x\r\na: 1\r\n\r\n"),
        ("GET", 2, b"GET /v1 HTTP/1.1\r\nhost: x\r\na: 1\r\ncontent-length: 2\r\n\r\n"),
    ],
)
def test_heads(method: str, size: int, expected: bytes) -> None:
    assert encode_head(method, _START, (("a", "1"),), size) == expected


def test_latin_1_is_kept() -> None:
    assert b"\r\na: \xfc\r\n" in encode_head("GET", _START, (("a", "ü"),), 0)


@pytest.mark.parametrize("text", ["a\r\nb: c", "a\n", "\ra", "a\0", "€"])
def test_what_would_break_the_head_is_refused_and_not_repeated(text: str) -> None:
    for header in (("x-api-key", text), (text, "value")):
        with pytest.raises(InvalidRequest) as caught:
            encode_head("POST", _START, (("ok", "ok"), header), 3)
        assert text not in caught.value.message
    with pytest.raises(InvalidRequest):
        encode_head(f"GET {text}", _START, (), 0)
