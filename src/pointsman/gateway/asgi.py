"""The edge: a raw ASGI application. Served by uvicorn, or mounted in any ASGI application.

No framework stands here, because this is paid by every request (see docs/performance.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pointsman.errors import InvalidRequest, PointsmanError
from pointsman.http1 import Leave

from .edge import bearer_or_key, declared_size, face_of, too_large
from .faces import Faces
from .ports import Clock, Door, NewId
from .respond import error_answer
from .values import Answer, Arrival

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

WATCH_AFTER = 0.02
"""Seconds after which a request is watched for its client leaving. Most of a fast upstream's answers are
there before that, and so never pay for a second task."""


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
        leave = Leave()
        watch = _Watch(receive, leave)
        try:
            action = self._faces.find(scope["method"], path)
            arrival = Arrival(
                request_id=request_id,
                at_us=self._clock.now_us(),
                started=self._clock.monotonic(),
                face=face,
                headers=headers,
                body=b"",
                key=action.public or self._door.authenticate(bearer_or_key(headers)),
                leave=leave,
                path=path,
                query=scope["query_string"].decode("latin-1"),
            )
            if action.has_body:
                declared_size(headers, self._max_body)
                arrival.body = await self._read_body(receive)
            watch.start()
            answer = await action.run(arrival)
        except _ClientGone:
            return
        except PointsmanError as error:
            answer = error_answer(face, error, request_id)
        try:
            await _send_answer(answer, send)
        finally:
            watch.stop()

    async def _read_body(self, receive: Receive) -> bytes:
        message = await receive() if self._body_timeout <= 0 else await self._receive_in_time(receive)
        if message["type"] != "http.request":
            raise _ClientGone
        if not message.get("more_body"):
            body: bytes = message.get("body", b"")
            if len(body) > self._max_body:
                raise too_large(self._max_body)
            return body
        pieces: list[bytes] = [message.get("body", b"")]
        size = len(pieces[0])
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
        task = asyncio.current_task()
        assert task is not None
        late = _Late(task)
        timer = asyncio.get_running_loop().call_later(self._body_timeout, late.fire)
        try:
            return await receive()
        except asyncio.CancelledError:
            if not late.fired:
                raise
            task.uncancel()
            raise InvalidRequest(
                f"The rest of the request body did not arrive within {self._body_timeout:g} seconds.",
                status=408,
                code="request_timeout",
            ) from None
        finally:
            timer.cancel()

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


class _Late:
    __slots__ = ("_task", "fired")

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task
        self.fired = False

    def fire(self) -> None:
        self.fired = True
        self._task.cancel()


class _Watch:
    """Watches for the client leaving while its request is under way."""

    __slots__ = ("_leave", "_receive", "_task", "_timer")

    def __init__(self, receive: Receive, leave: Leave) -> None:
        self._receive = receive
        self._leave = leave
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER, self._begin)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave.now()


async def _send_answer(answer: Answer, send: Send) -> None:
    body = answer.body
    if isinstance(body, bytes):
        answer.headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": body})
        return
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        async for chunk in body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await body.aclose()
