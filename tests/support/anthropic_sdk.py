"""The official Anthropic SDK as a judge: it is fed bytes as if they had come over the network."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2

from pointsman.dialects.anthropic_messages.events import split_events


class _Trickle(httpx2.SyncByteStream):
    def __init__(self, body: bytes, size: int) -> None:
        self._body = body
        self._size = size

    def __iter__(self) -> Any:
        for at in range(0, len(self._body), self._size):
            yield self._body[at : at + self._size]


def _client(body: bytes, kind: str, size: int) -> anthropic.Anthropic:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": kind}, stream=_Trickle(body, size))

    transport = httpx2.MockTransport(answer)
    return anthropic.Anthropic(api_key="k", max_retries=0, http_client=httpx2.Client(transport=transport))


def accumulate(body: bytes, *, size: int = 1_000_000) -> dict[str, Any]:
    """The message that the SDK makes of a whole SSE stream, in pieces of ``size`` bytes."""
    with (
        _client(body, "text/event-stream", size) as client,
        client.messages.stream(
            model="m", max_tokens=1, messages=[{"role": "user", "content": "Hi"}]
        ) as stream,
    ):
        return stream.get_final_message().to_dict()


def events_of(body: bytes) -> list[tuple[str, bytes]]:
    return list(split_events(body))
