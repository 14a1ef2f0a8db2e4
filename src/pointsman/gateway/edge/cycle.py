"""uvicorn's cycle of one request and its answer, made with fewer steps.

Not a line of what it does on the wire is different; only how it is set up, and how a body that is whole
already is handed over.
"""

from __future__ import annotations

import asyncio
from operator import itemgetter
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_names = itemgetter(0)


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

    def __init__(self, protocol: HttpToolsProtocol, state: dict[str, Any]) -> None:
        parser, headers = protocol.parser, protocol.headers
        version = parser.get_http_version()
        url = httptools.parse_url(protocol.url)
        raw_path: bytes = url.path
        path = raw_path.decode("ascii")
        root = protocol.root_path
        self.scope = {
            "type": "http",
            "asgi": {"version": protocol.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "server": protocol.server,
            "client": protocol.client,
            "scheme": protocol.scheme or "http",
            "root_path": root,
            "path": root + (unquote(path) if "%" in path else path),
            "raw_path": root.encode("ascii") + raw_path if root else raw_path,
            "query_string": url.query or b"",
            "headers": headers,
            "state": state.copy(),
        }
        self.transport = protocol.transport
        self.flow = protocol.flow
        self.logger = protocol.logger
        self.access_logger = protocol.access_logger
        self.access_log = protocol.access_log
        self.default_headers = protocol.server_state.default_headers
        self.message_event = asyncio.Event()
        self.on_response = protocol.on_response_complete
        self.keep_alive = version != "1.0" and parser.should_keep_alive()
        self.body = bytearray()
        if b"expect" in map(_names, headers):
            asked = (value.lower() for name, value in headers if name == b"expect")
            self.waiting_for_100_continue = b"100-continue" in asked

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
