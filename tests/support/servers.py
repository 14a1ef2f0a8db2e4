"""Run any ASGI application on a free loopback port, in the test's own event loop.

    async with serve(app) as base_url:
        ...

No polling: it is ready when the block is entered, and all of its sockets are closed when it is left.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

_GRACE_SECONDS = 1.0


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handlers and without its tenths of a second of polling."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self.on_tick(0)  # sets the date header
        self.ready.set()

    async def main_loop(self) -> None:
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        tasks = set(self.server_state.tasks)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for _ in range(10):  # a closed connection is told of it in a later turn of the loop, TLS needs a few
            await asyncio.sleep(0)
        await self.lifespan.shutdown()


@asynccontextmanager
async def serve(app: AsgiApp, *, host: str = "127.0.0.1", **settings: Any) -> AsyncIterator[str]:
    """Serve ``app`` and give its base address, as in ``http://127.0.0.1:40123``.

    Args:
        settings: passed on to ``uvicorn.Config`` (``ssl_certfile``, ``http``, ``timeout_keep_alive`` …).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # TCP is named, or asyncio leaves Nagle's algorithm on, and small writes wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, 0))
    port = listener.getsockname()[1]
    options: dict[str, Any] = {"access_log": False, "log_config": None, "http": "httptools", "ws": "none"}
    config = uvicorn.Config(app, **(options | settings))
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
            raise RuntimeError("The server stopped before it was ready; its log says why.")
        scheme = "https" if config.is_ssl else "http"
        shown = f"[{host}]" if ":" in host else host
        yield f"{scheme}://{shown}:{port}"
    finally:
        ready.cancel()
        server.stopping.set()
        await asyncio.gather(running, return_exceptions=True)
        listener.close()
