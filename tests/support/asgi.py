"""Calls an ASGI application without a server between, as a client that may leave at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


class AsgiCall:
    """One request. What has been answered so far is in ``status``, ``headers`` and ``chunks``."""

    def __init__(
        self,
        app: AsgiApp,
        method: str,
        path: str,
        body: Iterable[bytes] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._app = app
        target, _, query = path.partition("?")
        self.scope = {
            "type": "http",
            "method": method,
            "path": target,
            "query_string": query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in (headers or {}).items()],
        }
        self._pieces = list(body) or [b""]
        self._gone = asyncio.Event()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []
        self.complete = False
        self.first_chunk = asyncio.Event()
        self._came = asyncio.Event()
        self.waiting = asyncio.Event()
        """The application waits for the client to leave."""

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    async def events(self, count: int) -> None:
        """Wait until so many events of a stream are there."""
        while self.body.count(b"\n\n") < count:
            self._came.clear()
            await self._came.wait()

    def leave(self) -> None:
        """The client closes its connection."""
        self._gone.set()

    async def run(self) -> AsgiCall:
        """Until the application has done with it."""
        await self._app(self.scope, self.receive, self._send)
        return self

    async def receive(self) -> dict[str, Any]:
        if self._pieces:
            body = self._pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self._pieces)}
        self.waiting.set()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert not self.status, "an answer has one head"
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        assert self.status, "the head comes first"
        assert not self.complete, "nothing comes after the end"
        if message.get("body"):
            self.chunks.append(message["body"])
            self.first_chunk.set()
            self._came.set()
        self.complete = not message.get("more_body", False)
