"""A provider that costs next to nothing: fixed bytes for every request, written by a raw protocol.

    python -m bench.mock_upstream PORT

It answers ``POST …/chat/completions`` and ``POST …/messages``, as a stream where the body says
``"stream": true``. ``GET /pace/MS`` sets the milliseconds between the events of later streams; 0, the
default, writes them as fast as it can. Either way each event is a write of its own, as a model's tokens are.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import cast

import uvloop

from bench import plan


def _chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _whole(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
STREAM_END = b"0\r\n\r\n"
CHAT = _whole(plan.openai_answer())
MESSAGES = _whole(plan.anthropic_answer())
CHAT_EVENTS = [_chunked(event) for event in plan.openai_events()]
MESSAGES_EVENTS = [_chunked(event) for event in plan.anthropic_events()]


class Pace:
    """Seconds between two events, for all connections."""

    def __init__(self) -> None:
        self.seconds = 0.0


class Upstream(asyncio.Protocol):
    """One connection. Requests are not pipelined; a request may come in pieces."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer = data = self._buffer + data if self._buffer else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        if data.startswith(b"GET /pace/"):
            self._pace.seconds = int(data[10 : data.index(b" ", 10)]) / 1000
            self._finish(_whole(b"{}"))
            return
        head = data[:end].lower()
        if b"transfer-encoding: chunked" in head:
            if not data.endswith(b"0\r\n\r\n"):
                return
        else:
            at = head.find(b"content-length:") + 15
            length = int(head[at : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else end])
            if len(data) < end + 4 + length:
                return
        self._answer(data, end)

    def _answer(self, data: bytes, end: int) -> None:
        chat = b"/chat/completions" in data[: data.index(b"\r\n")]
        if b'"stream":true' not in data and b'"stream": true' not in data:
            self._finish(CHAT if chat else MESSAGES)
        else:
            self._buffer = b""
            assert self._transport is not None
            self._transport.write(STREAM_HEAD)
            events = CHAT_EVENTS if chat else MESSAGES_EVENTS
            if self._pace.seconds:
                self._paced(events, 0, time.perf_counter())
            else:
                self._flooded(events, 0)

    def _flooded(self, events: list[bytes], number: int) -> None:
        if self._transport is None:
            return
        if number == len(events):
            self._transport.write(STREAM_END)
            return
        self._transport.write(events[number])
        asyncio.get_running_loop().call_soon(self._flooded, events, number + 1)

    def _paced(self, events: list[bytes], number: int, due: float) -> None:
        if self._transport is None:
            return
        if number == len(events):
            self._transport.write(STREAM_END)
            return
        self._transport.write(events[number])
        due += self._pace.seconds
        wait = max(0.0, due - time.perf_counter())
        asyncio.get_running_loop().call_later(wait, self._paced, events, number + 1, due)

    def _finish(self, answer: bytes) -> None:
        self._buffer = b""
        assert self._transport is not None
        self._transport.write(answer)


async def main(port: int) -> None:
    pace = Pace()
    server = await asyncio.get_running_loop().create_server(lambda: Upstream(pace), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
