"""Where the client's requests go: a port, with a journey in this process or a gateway elsewhere behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

import msgspec

from pointsman.chat import Response, StreamEvent


class Reply(msgspec.Struct):
    """An answer of status 200: one of ``response`` and ``events`` is set."""

    headers: dict[str, str]
    """Lower-case names."""
    response: Response | None = None
    events: AsyncGenerator[StreamEvent, None] | None = None
    """To be closed after use; to close it early stops the answer, and what came of it is booked."""


class Settled(msgspec.Struct, frozen=True):
    """What a request came to: ``GET /v1/requests/ID``."""

    cost_usd: str | None
    estimated: bool
    attempts: int


class Backend(Protocol):
    """Takes requests in OpenAI's dialect. Safe for any number of tasks of one event loop."""

    async def send(self, body: bytes, idempotency_key: bytes | None = None, *, resume: bool = False) -> Reply:
        """Raises the PointsmanError that the gateway answered with.

        Args:
            idempotency_key: one that ``checked_key`` has let pass.
            resume: where a connection breaks in the midst of a stream, go on with another one.
        """
        ...

    async def settled(self, request_id: str) -> Settled | None:
        """None: not known (yet)."""
        ...

    async def feedback(self, body: bytes) -> None:
        """``POST /v1/feedback``. Raises the PointsmanError that the gateway answered with."""
        ...

    async def close(self) -> None:
        """End what is under way, and let it be booked. Called once."""
        ...
