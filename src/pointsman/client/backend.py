"""Where the client's requests go: a journey in this process, or a gateway somewhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

import msgspec

from pointsman.costs import format_usd
from pointsman.errors import NotFound
from pointsman.gateway.build import Gateway
from pointsman.gateway.edge import OPENAI
from pointsman.gateway.faces import NOBODY
from pointsman.gateway.values import Answer, Arrival
from pointsman.http1 import HttpRequest, HttpResponse, Leave, Timeouts, Transport

from .failures import error_from


class Reply(msgspec.Struct):
    """An answer of status 200."""

    headers: dict[str, str]
    body: bytes
    chunks: AsyncIterator[bytes] | None
    """Set for a stream, and then ``body`` is empty."""


class Settled(msgspec.Struct, frozen=True):
    """What a request came to: ``GET /v1/requests/ID``."""

    cost_usd: str | None
    estimated: bool
    attempts: int


class Backend(Protocol):
    async def send(self, body: bytes) -> Reply:
        """Raises the PointsmanError that the gateway answered with."""
        ...

    async def settled(self, request_id: str) -> Settled | None:
        """None: not known (yet)."""
        ...

    async def close(self) -> None: ...


class InProcess:
    """The same journey, without a server."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def send(self, body: bytes) -> Reply:
        gateway, leave = self._gateway, Leave()
        arrival = Arrival(
            request_id=gateway.new_id(),
            at_us=gateway.clock.now_us(),
            started=gateway.clock.monotonic(),
            face=OPENAI,
            headers={},
            body=body,
            key=NOBODY,
            leave=leave,
        )
        answer = await _unless_cancelled(asyncio.ensure_future(gateway.journey.run(arrival)), leave)
        headers = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
        if isinstance(answer.body, bytes):
            if answer.status >= 400:
                raise error_from(answer.status, headers, answer.body)
            return Reply(headers, answer.body, None)
        return Reply(headers, b"", _until_left(answer.body, leave))

    async def settled(self, request_id: str) -> Settled | None:
        entry = await self._gateway.ledger.find(request_id)
        if entry is None:
            return None
        cost = None if entry.cost is None else format_usd(entry.cost)
        return Settled(cost, entry.estimated, len(entry.attempts))

    async def close(self) -> None:
        await self._gateway.close()


async def _unless_cancelled(task: asyncio.Future[Answer], leave: Leave) -> Answer:
    """A caller that is cancelled leaves as a client of the server would: told upstream, and booked."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        leave.now()
        raise


async def _until_left(body: AsyncGenerator[bytes, None], leave: Leave) -> AsyncIterator[bytes]:
    try:
        async for chunk in body:
            yield chunk
    finally:
        leave.now()
        async for _ in body:  # what is in flight is counted and booked before the stream is let go
            pass


class Remote:
    """A gateway at an address."""

    def __init__(self, base_url: str, api_key: str, transport: Transport, timeouts: Timeouts) -> None:
        self._base = base_url.rstrip("/").removesuffix("/v1")
        self._key = api_key
        self._transport = transport
        self._timeouts = timeouts

    async def send(self, body: bytes) -> Reply:
        response = await self._call("POST", "/v1/chat/completions", body)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return Reply(response.headers, b"", _closing(response))
        return Reply(response.headers, await response.read(), None)

    async def settled(self, request_id: str) -> Settled | None:
        try:
            response = await self._call("GET", f"/v1/requests/{request_id}", b"")
        except NotFound:
            return None
        return _read_settled(await response.read())

    async def close(self) -> None:
        await self._transport.close()

    async def _call(self, method: str, path: str, body: bytes) -> HttpResponse:
        headers = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")]
        if self._key:
            headers.append(("authorization", f"Bearer {self._key}"))
        request = HttpRequest(method, self._base + path, tuple(headers), body)
        response = await self._transport.send(request, self._timeouts)
        if response.status >= 400:
            raise error_from(response.status, response.headers, await response.read())
        return response

    def __repr__(self) -> str:
        return f"Remote({self._base!r})"


async def _closing(response: HttpResponse) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.chunks():
            yield chunk
    finally:
        await response.close()


class _View(msgspec.Struct):
    cost_usd: str | None
    estimated: bool
    attempts: list[dict[str, object]]
    usage: dict[str, object] | None = None


_decode_view = msgspec.json.Decoder(_View).decode


def _read_settled(body: bytes) -> Settled:
    view = _decode_view(body)
    return Settled(view.cost_usd, view.estimated, len(view.attempts))
