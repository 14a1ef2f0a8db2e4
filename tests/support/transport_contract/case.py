"""What every check of the contract gets, and the registry that the tests run through."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from pointsman.http1 import HttpRequest, Timeouts, Transport


class MakeTransport(Protocol):
    """Builds the implementation under test."""

    def __call__(
        self,
        *,
        max_connections: int = 1000,
        max_idle: int = 256,
        keep_alive: float = 50.0,
        environment: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> Transport: ...


Check = Callable[[MakeTransport], Awaitable[None]]

PATIENT = Timeouts(connect=10.0, first_byte=10.0, idle=10.0, total=20.0)
BRIEF = 0.05
"""A real timeout, in seconds, for checks that wait for it to strike."""


def post(url: str, body: bytes = b"{}", *headers: tuple[str, str]) -> HttpRequest:
    return HttpRequest("POST", url, headers, body)
