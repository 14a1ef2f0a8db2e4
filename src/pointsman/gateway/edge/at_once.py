"""A whole answer in one write, where uvicorn is the server.

ASGI has an answer sent in two messages, and uvicorn checks every header of it by regular expressions: that
is a third of what it costs on its own. Our answers are whole and their headers our own, so under uvicorn
they are written as one piece. Any other server, and any wrapper around ``send``, gets the two messages.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pointsman.gateway.call.values import HeaderList

HANG_UP = (b"connection", b"close")
"""As an answer's last header: the connection shall not be used again, which is left to uvicorn."""

_CYCLES = (
    ("Cycle", "pointsman.gateway.edge.cycle"),
    ("RequestResponseCycle", "uvicorn.protocols.http.httptools_impl"),
)
"""uvicorn's own, and ours made of it."""
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in HTTPStatus}
_line = b": ".join
"""Makes a line of a pair. Mapped over the pairs: no instruction of the interpreter's for each of them."""
_SIZE = b"content-length: %d\r\n"
"""The last line, with its end: what is joined behind it is the body."""
_SIZE_AND_CLOSE = b"connection: close\r\n" + _SIZE


def write_at_once(send: object, status: int, headers: HeaderList, body: bytes) -> bool:
    """Write the answer if ``send`` is uvicorn's own; False, and nothing done, if it is not, or if the
    client is slow to read, or has asked for the head alone.

    Args:
        headers: without content-length; names in lower case, values without line breaks.
    """
    cycle: Any = getattr(send, "__self__", None)
    kind = type(cycle)
    # By name, since the client in-process runs this gateway too and must not load a server for it.
    if (kind.__name__, kind.__module__) not in _CYCLES or cycle.response_started:
        return False
    if status == 204 or (headers and headers[-1] == HANG_UP):
        return False
    if cycle.flow.write_paused or cycle.disconnected or cycle.scope["method"] == "HEAD":
        return False
    keep_alive: bool = cycle.keep_alive
    lines = [_STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status]
    lines += map(_line, cycle.default_headers)
    lines += map(_line, headers)
    lines += ((_SIZE if keep_alive else _SIZE_AND_CLOSE) % len(body), body)
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"\r\n".join(lines))
    cycle.message_event.set()
    if not keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
