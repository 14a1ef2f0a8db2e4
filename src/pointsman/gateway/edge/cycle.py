"""uvicorn's cycle of one request and its answer, made with fewer steps.

Not a line of what it does on the wire is different; only how it is set up, and how a body that is whole
already is handed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from operator import itemgetter
from typing import Any, cast
from urllib.parse import unquote

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_names = itemgetter(0)


class Address(msgspec.Struct, frozen=True):
    """A request's target, taken apart. The next one on the same connection mostly has the same."""

    url: bytes
    path: str
    raw_path: bytes
    query: bytes


def address_of(url: bytes, root: str) -> Address:
    """
    Args:
        root: what is put before the path.

    Raises:
        HttpParserInvalidURLError: it is none.
    """
    parts = httptools.parse_url(url)
    raw_path: bytes = parts.path
    path = raw_path.decode("ascii")
    return Address(
        url,
        root + (unquote(path) if "%" in path else path),
        root.encode("ascii") + raw_path if root else raw_path,
        parts.query or b"",
    )


class Signal(msgspec.Struct, eq=False):
    """An event that is mostly set before anybody waits for it: only who waits makes a real one."""

    _on: bool = False
    _event: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._on

    def set(self) -> None:
        self._on = True
        if self._event is not None:
            self._event.set()

    def clear(self) -> None:
        self._on = False
        if self._event is not None:
            self._event.clear()

    async def wait(self) -> None:
        if not self._on:
            event = self._event = self._event or asyncio.Event()
            await event.wait()


class Cycle(RequestResponseCycle):
    """To be made when the head of a request is whole."""

    # What uvicorn sets on each cycle: the same for all of them until something happens.
    disconnected = False
    more_body = True
    response_started = False
    response_complete = False
    chunked_encoding: bool | None = None
    expected_content_length = 0
    waiting_for_100_continue = False
    _tell: Callable[[], None] | None = None

    def __init__(self, protocol: HttpToolsProtocol, address: Address, state: dict[str, Any]) -> None:
        parser, headers = protocol.parser, protocol.headers
        version = parser.get_http_version()
        self.scope = {
            "type": "http",
            "asgi": {"version": protocol.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "server": protocol.server,
            "client": protocol.client,
            "scheme": protocol.scheme or "http",
            "root_path": protocol.root_path,
            "path": address.path,
            "raw_path": address.raw_path,
            "query_string": address.query,
            "headers": headers,
            "state": state.copy(),
        }
        self.transport = protocol.transport
        self.flow = protocol.flow
        self.logger = protocol.logger
        self.access_logger = protocol.access_logger
        self.access_log = protocol.access_log
        self.default_headers = protocol.server_state.default_headers
        self.message_event = cast(asyncio.Event, Signal())
        self.on_response = protocol.on_response_complete
        self.keep_alive = version != "1.0" and parser.should_keep_alive()
        self.body = bytearray()
        if b"expect" in map(_names, headers):
            asked = (value.lower() for name, value in headers if name == b"expect")
            self.waiting_for_100_continue = b"100-continue" in asked

    def when_left(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` if the client leaves before it has its answer, or has left by now."""
        if self.disconnected:
            tell()
        else:
            self._tell = tell

    def left(self) -> None:
        """The connection is gone."""
        if self.disconnected and self._tell is not None:
            self._tell()

    async def receive(self) -> Any:
        """As uvicorn has it, without its waits where the whole body is there."""
        event = self.message_event
        if (
            self.more_body
            or not event.is_set()
            or self.disconnected
            or self.response_complete
            or self.waiting_for_100_continue
        ):
            return await super().receive()
        event.clear()
        if self.flow.read_paused:
            self.flow.resume_reading()
        body, self.body = self.body, bytearray()
        return {"type": "http.request", "body": bytes(body), "more_body": False}
