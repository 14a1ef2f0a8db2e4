"""The simulator as an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec

from pointsman.catalog import load_catalog
from pointsman.clock import Clock, SystemClock
from pointsman.errors import RequestTooLarge

from .config import Config
from .connection import Connection, Receive, Send
from .menu import Models
from .paths import BASES, Place, find_place
from .perform import Show
from .service import Service
from .values import Performance, Reply

MOST_BYTES = 32 * 1024 * 1024
"""The longest request, as at Anthropic."""

_HELP = "\n".join(
    [
        "Simulated providers of language models. Base addresses:",
        *(f"  {base}   ({provider})" for provider, base in BASES),
        "GET /invoice          what every call is billed, and the total; ?summary=1 for totals only",
        "POST /invoice/reset   forget all calls",
        "GET /limits           what each limit is, how much of it is taken, and 429s by cause",
        "",
    ]
)

AsgiApp = Callable[[Any, Receive, Send], Awaitable[None]]


class Simulator:
    """Serves the simulated providers. ``stop`` breaks every connection that is still being answered."""

    def __init__(self, config: Config, models: Models, clock: Clock) -> None:
        self.service = Service(config, models, clock)
        self._clock = clock
        self._open: set[Connection] = set()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"The simulator serves HTTP, not {scope['type']}.")
        connection = Connection(receive, send)
        self._open.add(connection)
        try:
            await self._answer(scope, connection)
        finally:
            self._open.discard(connection)
            connection.close()

    def stop(self) -> None:
        for connection in list(self._open):
            connection.stop()

    async def _answer(self, scope: Any, connection: Connection) -> None:
        method, path = scope["method"], scope["path"]
        place = find_place(path)
        if place is None:
            await _send(connection, self._plain(method, path, scope["query_string"]))
            return
        if method != ("GET" if place.action == "models" else "POST"):
            await _send(connection, _text(405, f"{method} is not possible here.\n"))
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if place.action == "models":
            await _send(connection, self.service.models(place, headers))
            return
        body = await connection.read(MOST_BYTES)
        if body is None:
            if not connection.gone:
                error = RequestTooLarge(f"The request is larger than {MOST_BYTES // 2**20} MB.")
                await _send(connection, self.service.refuse(place, headers, error))
            return
        await self._respond(place, headers, body, connection)

    async def _respond(
        self, place: Place, headers: dict[str, str], body: bytes, connection: Connection
    ) -> None:
        if place.action == "count":
            await _send(connection, self.service.count(place, headers, body))
            return
        if place.action == "embed":
            await _send(connection, self.service.embed(place, headers, body))
            return
        decided = self.service.ask(place, headers, body)
        if isinstance(decided, Reply):
            await _send(connection, decided)
            return
        await self._perform(decided, connection)

    async def _perform(self, performance: Performance, connection: Connection) -> None:
        show = Show(performance, connection, self._clock)
        try:
            await show.run()
        finally:  # whatever happens, cancellation at the server's end included, no call goes unbilled
            self.service.end(performance.ticket, show.end)

    def _plain(self, method: str, path: str, query: bytes) -> Reply:
        if path == "/" and method == "GET":
            return _text(200, _HELP)
        if path == "/invoice" and method == "GET":
            summary = parse_qs(query.decode("latin-1")).get("summary", ["0"])[-1] not in ("", "0", "false")
            report = self.service.invoice.report(in_flight=self.service.in_flight, summary=summary)
            return _reply(200, b"application/json", msgspec.json.encode(report))
        if path == "/limits" and method == "GET":
            return _reply(200, b"application/json", msgspec.json.encode(self.service.limits()))
        if path == "/invoice/reset" and method == "POST":
            self.service.invoice.clear()
            return _reply(200, b"application/json", b"{}")
        return _text(404, f"There is nothing at {path}.\n\n{_HELP}")


def app(
    config: Config | None = None, *, models: Models | None = None, clock: Clock | None = None
) -> Simulator:
    """The simulator as an ASGI application.

    Args:
        config: its behaviour; without, no faults, no limits and no waiting.
        models: the catalog; the packaged one unless told.
        clock: the system's unless told.
    """
    return Simulator(config or Config(), models or load_catalog(), clock or SystemClock())


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _send(connection: Connection, reply: Reply) -> None:
    await connection.start(reply.status, reply.headers)
    await connection.write(reply.body)
    await connection.finish()


def _text(status: int, text: str) -> Reply:
    return _reply(status, b"text/plain; charset=utf-8", text.encode())


def _reply(status: int, kind: bytes, body: bytes) -> Reply:
    return Reply(status, [(b"content-type", kind), (b"content-length", b"%d" % len(body))], body)
