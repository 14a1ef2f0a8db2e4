from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from pointsman.chat import StreamEnd, StreamStart, TextDelta
from pointsman.client.wire import streamed_reply, whole_reply
from pointsman.errors import StreamBroken, UpstreamMalformed, UpstreamTimeout

STREAM = (
    b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"By"}}]}\n\n'
    b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)


class Bytes:
    """A stream of bytes that knows whether it was closed."""

    def __init__(self, data: bytes, size: int) -> None:
        self.closed = False
        self._pieces = [data[at : at + size] for at in range(0, len(data), size)]

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        try:
            for piece in self._pieces:
                yield piece
        finally:
            self.closed = True


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_a_stream_becomes_events_however_it_is_cut(size: int) -> None:
    reply = streamed_reply({}, Bytes(STREAM, size).chunks())
    assert reply.events is not None
    kinds = [type(event) for event in [event async for event in reply.events] if not hasattr(event, "index")]
    assert kinds == [StreamStart, StreamEnd]


async def test_leaving_early_closes_what_is_below() -> None:
    source = Bytes(STREAM, 10)
    reply = streamed_reply({}, source.chunks())
    assert reply.events is not None
    async for event in reply.events:
        if isinstance(event, TextDelta):
            break
    await reply.events.aclose()
    assert source.closed


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", StreamBroken),
        (STREAM[:90], StreamBroken),
        (b'data: {"id"\n\n', UpstreamMalformed),
        (
            b'data: {"error":{"message":"slow","type":"timeout_error","code":"upstream_timeout"}}\n\n',
            UpstreamTimeout,
        ),
    ],
)
async def test_a_stream_that_breaks(data: bytes, kind: type[Exception]) -> None:
    source = Bytes(data, 16)
    reply = streamed_reply({}, source.chunks())
    assert reply.events is not None
    with pytest.raises(kind):
        async for _ in reply.events:
            pass
    assert source.closed


def test_a_whole_answer() -> None:
    body = (
        b'{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop",'
        b'"message":{"role":"assistant","content":"Hi"}}]}'
    )
    response = whole_reply({"a": "b"}, body).response
    assert response is not None
    assert (response.id, response.usage) == ("c", None)
    with pytest.raises(UpstreamMalformed):
        whole_reply({}, b"<html>")
