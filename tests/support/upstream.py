"""A transport that answers from a script, so that the journey can be tested without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from pointsman.errors import PointsmanError
from pointsman.http1 import HttpRequest, Leave, Timeouts


class Scripted(msgspec.Struct):
    """One answer. A stream is a list of chunks; an error among them is raised when its turn comes."""

    status: int = 200
    body: bytes | Sequence[bytes | PointsmanError] = b""
    headers: dict[str, str] = {}


Step = Scripted | PointsmanError | Callable[[HttpRequest], "Scripted"]


class ScriptedResponse:
    def __init__(self, script: Scripted) -> None:
        self.status = script.status
        whole = isinstance(script.body, bytes)
        kind = "application/json" if whole else "text/event-stream"
        self.headers = {"content-type": kind} | script.headers
        self._pieces: list[bytes | PointsmanError] = (
            [script.body] if isinstance(script.body, bytes) else list(script.body)
        )
        self.closed = False

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        while self._pieces:
            piece = self._pieces.pop(0)
            if isinstance(piece, PointsmanError):
                raise piece
            yield piece

    async def close(self, *, drain: float = 0.0) -> bytes:
        self.closed = True
        return b""


class ScriptedTransport:
    """Gives the steps of the script in turn and keeps what was asked."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.requests: list[HttpRequest] = []
        self.responses: list[ScriptedResponse] = []
        self.closed = False

    async def send(
        self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None
    ) -> ScriptedResponse:
        self.requests.append(request)
        step = self._steps.pop(0)
        if isinstance(step, PointsmanError):
            raise step
        response = ScriptedResponse(step if isinstance(step, Scripted) else step(request))
        self.responses.append(response)
        return response

    async def close(self) -> None:
        self.closed = True
