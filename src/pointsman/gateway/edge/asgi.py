"""The edge: a raw ASGI application. Served by uvicorn, or mounted in any ASGI application.

No framework stands here, because this is paid by every request (see docs/performance.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from typing import Any

from pointsman.errors import InternalError, InvalidRequest, PointsmanError
from pointsman.gateway.call.ports import Clock, Door, NewId
from pointsman.gateway.call.respond import error_answer
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.http1 import Leave

from .accept import bearer_or_key, check_repeated, declared_size, face_of, join_lists, too_large
from .at_once import HANG_UP, write_at_once
from .faces import Faces
from .leaving import Sweep, tells_itself

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_log = logging.getLogger("pointsman.edge")

BODY_TIMEOUT = 30.0
"""Seconds between two pieces of a request's body."""


class GatewayApp:
    """The data plane as an ASGI application."""

    def __init__(
        self,
        faces: Faces,
        door: Door,
        clock: Clock,
        new_id: NewId,
        *,
        max_body: int,
        body_timeout: float,
        on_startup: Callable[[], Awaitable[None]] | None = None,
        on_shutdown: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._faces = faces
        self._door = door
        self._clock = clock
        self._new_id = new_id
        self._max_body = max_body
        self._body_timeout = body_timeout
        self._on_startup = on_startup
        self._on_shutdown = on_shutdown
        self._sweep = Sweep()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        path: str = scope["path"]
        face = face_of(path, headers)
        request_id = self._new_id()
        watched: Leave | None = None
        try:
            action = self._faces.find(scope["method"], path)
            key = action.public or self._door.authenticate(bearer_or_key(headers))
            if len(headers) != len(scope["headers"]):
                check_repeated(scope["headers"])
                join_lists(headers, scope["headers"])
            body = b""
            if action.has_body:
                declared_size(headers, self._max_body)
                body = await self._read_body(receive)
            leave = Leave()
            if not tells_itself(receive, leave):
                watched = leave
                self._sweep.add(receive, leave)
            query: bytes = scope["query_string"]
            answer = await action.run(
                Arrival(
                    request_id=request_id,
                    at_us=self._clock.now_us(),
                    started=self._clock.monotonic(),
                    face=face,
                    headers=headers,
                    body=body,
                    key=key,
                    leave=leave,
                    path=path,
                    query=query.decode("latin-1") if query else "",
                )
            )
        except _ClientGone:
            return
        except PointsmanError as error:
            answer = error_answer(face, error, request_id)
            if b"expect" in headers:  # if its body never comes, the next request would be taken for it
                answer.headers.append(HANG_UP)
        except Exception:  # noqa: BLE001 - a bug of ours: a clean 500 for the client, the traceback for the log
            _log.exception("request %s failed", request_id)
            answer = error_answer(face, InternalError(f"Internal error; its id is {request_id}."), request_id)
        except BaseException:  # cancelled
            if watched is not None:
                self._sweep.forget(watched)
            raise
        try:
            content = answer.body
            if not isinstance(content, bytes):
                await _send_stream(answer, content, send)
            elif not write_at_once(send, answer.status, answer.headers, content):
                await _send_whole(answer, content, send)
        finally:
            if watched is not None:
                self._sweep.forget(watched)

    async def _read_body(self, receive: Receive) -> bytes:
        """The whole body. Most come with their head, in one piece; only those that do not are timed here
        (the server bounds how long a first piece may take: see ``server.py``)."""
        message = await receive()
        if message["type"] != "http.request":
            raise _ClientGone
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            if len(body) > self._max_body:
                raise too_large(self._max_body)
            return body
        pieces = [body]
        size = len(body)
        while message.get("more_body"):
            message = await self._receive_in_time(receive)
            if message["type"] != "http.request":
                raise _ClientGone
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            if size > self._max_body:
                raise too_large(self._max_body)
        return b"".join(pieces)

    async def _receive_in_time(self, receive: Receive) -> Message:
        """A client that stops in the midst of its body must not hold a place for ever."""
        try:
            async with asyncio.timeout(self._body_timeout):
                return await receive()
        except TimeoutError:
            raise InvalidRequest(
                f"The rest of the request body did not arrive within {self._body_timeout:g} seconds.",
                status=408,
                code="request_timeout",
            ) from None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                if self._on_startup is not None:
                    await self._on_startup()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._on_shutdown is not None:
                    await self._on_shutdown()
                await send({"type": "lifespan.shutdown.complete"})
                return


class _ClientGone(Exception):
    """The client left before its request was whole: there is nobody to answer."""


async def _send_whole(answer: Answer, body: bytes, send: Send) -> None:
    if answer.status != 204:  # which has none (RFC 9110, 8.6)
        answer.headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body})


async def _send_stream(answer: Answer, body: AsyncGenerator[bytes, None], send: Send) -> None:
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        async for chunk in body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await body.aclose()
