"""The head of a request as bytes."""

from __future__ import annotations

from pointsman.errors import InvalidRequest

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "CONNECT"})
_END = ("", "")
_joined = "\r\n".join
_line = ": ".join
"""Makes a line of a pair. Mapped over the pairs: no instruction of the interpreter's for each of them."""


def encode_head(method: str, start: str, headers: tuple[tuple[str, str], ...], body_size: int) -> bytes:
    """Request line, the route's own header lines, the caller's, and content-length.

    Args:
        start: what follows the method and a space: target, version and the route's header lines, each
            ended by CRLF.

    Raises:
        InvalidRequest: a header holds a line break or NUL (it could smuggle in another header or
            request), or characters outside of Latin-1.
    """
    lines = [*map(_line, headers)]
    if body_size or method not in _BODILESS:
        lines.append(f"content-length: {body_size}")
    lines += _END
    text = f"{method} {start}{_joined(lines)}"
    # Counting is cheaper than looking at every value: a smuggled break makes one too many.
    breaks = start.count("\n") + len(lines) - 1
    if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
        raise InvalidRequest("A header to be sent upstream contains a line break or NUL.")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise InvalidRequest("A header to be sent upstream contains characters outside of Latin-1.") from None
