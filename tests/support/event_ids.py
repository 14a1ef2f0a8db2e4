"""Streams with ids, as a test looks at them."""

from __future__ import annotations

import re

_LINE = re.compile(rb"^id: (req_[0-9a-f]+):(\d+)\n", re.MULTILINE)


def without_ids(body: bytes) -> bytes:
    """The stream as it would be if it were not resumable."""
    return _LINE.sub(b"", body)


def ids_of(body: bytes) -> list[str]:
    return [f"{request_id.decode()}:{int(number)}" for request_id, number in _LINE.findall(body)]


def events_of(body: bytes) -> list[bytes]:
    """Its events, each with its blank line."""
    return [event + b"\n\n" for event in body.split(b"\n\n")[:-1]]
