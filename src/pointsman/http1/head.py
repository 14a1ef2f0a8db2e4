"""The head of a request as bytes."""

from __future__ import annotations

from pointsman.errors import InvalidRequest

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "CONNECT"})
_END = ("", "")
_joined = "\r\n".join
_together = "".join
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
    told = _together((method, *lines))  # to be searched at once, which is cheaper than one by one
    if "\n" in told or "\r" in told or "\0" in told:
        raise InvalidRequest("A header to be sent upstream contains a line break or NUL.")
    if body_size or method not in _BODILESS:
        lines.append(f"content-length: {body_size}")
    lines += _END
    try:
        return f"{method} {start}{_joined(lines)}".encode("latin-1")
    except UnicodeEncodeError:
        raise InvalidRequest("A header to be sent upstream contains characters outside of Latin-1.") from None
