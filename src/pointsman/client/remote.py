"""A gateway at an address."""

from __future__ import annotations

import random as random_numbers
from asyncio import sleep as real_sleep
from collections.abc import AsyncGenerator, Mapping

import msgspec

from pointsman.errors import NotFound, PointsmanError, UpstreamMalformed, UpstreamUnreachable
from pointsman.gateway.call.ports import Random, Sleep
from pointsman.http1 import Http1Transport, HttpRequest, HttpResponse, Timeouts, Transport
from pointsman.resilience import RetryPolicy, wait_before_next

from .backend import Reply, Settled
from .failures import error_from
from .resuming import Resuming, is_resumable
from .wire import streamed_reply, whole_reply

_TIMEOUTS = Timeouts(connect=5.0, first_byte=600.0, idle=600.0, total=None)
"""The gateway keeps the real deadlines; these only end a call whose gateway has vanished."""
_RETURNING = RetryPolicy(attempts=8)
"""To come back to a stream, which is paid for already: for some 15 seconds, as long as a gateway takes to be
started anew, and no longer than it waits for who has left."""
_AT_ONCE = Timeouts(connect=2.0, first_byte=2.0, idle=2.0, total=5.0)
_CHAT = "/v1/chat/completions"
Headers = tuple[tuple[str, str], ...]
_WISH: Headers = (("x-pointsman-resumable", "true"),)


def build_remote(base_url: str, api_key: str, environment: Mapping[str, str]) -> Remote:
    """Raises ConfigurationError: a proxy variable is wrong."""
    return Remote(base_url, api_key, Http1Transport.from_environment(environment))


class Remote:
    """A ``Backend`` over HTTP.

    A call is repeated where nothing of it can have been done yet: the gateway was not reached, or it said
    that it was busy. With an idempotency key, also where the connection broke before the answer; with
    ``resume``, where it broke in the midst of a stream, which then goes on with another one. What failed
    behind the gateway is not: it has tried that often enough, and says so with ``x-should-retry``.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        transport: Transport,
        *,
        retries: RetryPolicy | None = None,
        returning: RetryPolicy = _RETURNING,
        sleep: Sleep = real_sleep,
        random: Random = random_numbers.random,
    ) -> None:
        self._base = base_url.rstrip("/").removesuffix("/v1")
        self._key = api_key
        self._transport = transport
        self._retries = retries or RetryPolicy()
        self._returning = returning
        self._sleep = sleep
        self._random = random

    async def send(self, body: bytes, idempotency_key: bytes | None = None, *, resume: bool = False) -> Reply:
        more = _WISH if resume and idempotency_key is None else ()
        if idempotency_key is not None:
            more += (("idempotency-key", idempotency_key.decode("ascii")),)
        response = await self._call("POST", _CHAT, body, more, safe=idempotency_key is not None)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            return whole_reply(response.headers, await response.read())
        if resume and is_resumable(response.headers):
            return streamed_reply(response.headers, self._resuming(response, body, more))
        return streamed_reply(response.headers, _closing(response))

    async def settled(self, request_id: str) -> Settled | None:
        try:
            response = await self._call("GET", f"/v1/requests/{request_id}", b"")
        except NotFound:
            return None
        return _read_settled(await response.read())

    async def feedback(self, body: bytes) -> None:
        response = await self._call("POST", "/v1/feedback", body)
        await response.read()

    async def close(self) -> None:
        await self._transport.close()

    def _resuming(self, first: HttpResponse, body: bytes, more: Headers) -> AsyncGenerator[bytes, None]:
        async def again(last: str) -> HttpResponse:
            here = (*more, ("last-event-id", last))
            return await self._call("POST", _CHAT, body, here, safe=True, retries=self._returning)

        async def stop() -> None:
            if more == _WISH:
                path = f"/v1/requests/{first.headers['x-request-id']}/stream"
                response = await self._transport.send(self._request("DELETE", path, b"", ()), _AT_ONCE)
                await response.close()

        return Resuming(
            first, again, stop, retries=self._retries, sleep=self._sleep, random=self._random
        ).chunks()

    def _request(self, method: str, path: str, body: bytes, more: Headers) -> HttpRequest:
        headers = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")]
        if self._key:
            headers.append(("authorization", f"Bearer {self._key}"))
        return HttpRequest(method, self._base + path, (*headers, *more), body)

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes,
        more: Headers = (),
        *,
        safe: bool = False,
        retries: RetryPolicy | None = None,
    ) -> HttpResponse:
        """
        Args:
            safe: it costs nothing more if it was done already.
        """
        request = self._request(method, path, body, more)
        retries = retries or self._retries
        made = 0
        while True:
            made += 1
            try:
                response = await self._transport.send(request, _TIMEOUTS)
            except UpstreamUnreachable as unreachable:
                if unreachable.sent and not safe:
                    raise  # it may be done, and paid for, already
                error: PointsmanError = unreachable
                final = False
            else:
                if response.status < 400:
                    return response
                error = error_from(response.status, response.headers, await response.read())
                final = _is_final(response.headers)
            wait = None if final else wait_before_next(error, made, retries, jitter=self._random())
            if wait is None:
                raise error
            await self._sleep(wait)

    def __repr__(self) -> str:
        return f"Remote({self._base!r})"


def _is_final(headers: Mapping[str, str]) -> bool:
    """The gateway has made its attempts, or says that another one makes no sense."""
    return "x-pointsman-attempts" in headers or headers.get("x-should-retry") == "false"


async def _closing(response: HttpResponse) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in response.chunks():
            yield chunk
    finally:
        await response.close()


class _View(msgspec.Struct):
    cost_usd: str | None
    estimated: bool
    attempts: list[dict[str, object]]


_decode_view = msgspec.json.Decoder(_View).decode


def _read_settled(body: bytes) -> Settled:
    try:
        view = _decode_view(body)
    except msgspec.DecodeError as error:
        raise UpstreamMalformed(f"The gateway's account of the request cannot be read: {error}.") from None
    return Settled(view.cost_usd, view.estimated, len(view.attempts))
