"""A transport that answers from a script, so that the journey can be tested without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from enum import Enum, auto

import msgspec

from pointsman.http1 import HttpRequest, Leave, Timeouts


class Wait(Enum):
    """A place in a script at which the provider is silent."""

    UNTIL_LEFT = auto()
    """Until it is told that nobody listens any more; what follows was in flight."""
    FOR_EVER = auto()


Piece = bytes | Exception | Wait


class Scripted(msgspec.Struct):
    """One answer. A stream is a list of chunks; an error among them is raised when its turn comes."""

    status: int = 200
    body: bytes | Sequence[Piece] = b""
    headers: dict[str, str] = {}
    before: Wait | None = None
    """Silence before the head."""


Step = Scripted | BaseException | Callable[[HttpRequest], "Scripted"]


class ScriptedResponse:
    def __init__(self, script: Scripted, left: asyncio.Event) -> None:
        self.status = script.status
        whole = isinstance(script.body, bytes)
        kind = "application/json" if whole else "text/event-stream"
        self.headers = {"content-type": kind} | script.headers
        self._pieces: list[Piece] = [script.body] if isinstance(script.body, bytes) else list(script.body)
        self._left = left
        self.closed = False

    @property
    def unread(self) -> int:
        """Pieces that nobody has asked for."""
        return len(self._pieces)

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        while self._pieces:
            piece = self._pieces.pop(0)
            if isinstance(piece, Wait):
                await _silence(piece, self._left)
            elif isinstance(piece, Exception):
                raise piece
            else:
                yield piece

    async def close(self, *, drain: float = 0.0) -> bytes:
        self.closed = True
        return b""


class ScriptedTransport:
    """Gives the steps of the script in turn and keeps what was asked."""

    def __init__(self, *steps: Step, otherwise: Step | None = None) -> None:
        self._steps = list(steps)
        self._otherwise = otherwise
        """When the script has come to its end."""
        self.requests: list[HttpRequest] = []
        self.responses: list[ScriptedResponse] = []
        self.asked = asyncio.Event()
        """Set by the first request."""
        self._waiting: list[asyncio.Event] = []
        self.closed = False

    def then(self, step: Step) -> None:
        """Go on with the script."""
        self._steps.append(step)

    async def send(
        self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None
    ) -> ScriptedResponse:
        self.requests.append(request)
        self.asked.set()
        step = self._steps.pop(0) if self._steps or self._otherwise is None else self._otherwise
        if isinstance(step, BaseException):
            raise step
        left = asyncio.Event()
        self._waiting.append(left)
        if leave is not None:
            leave.listen(left.set)
        script = step if isinstance(step, Scripted) else step(request)
        if script.before is not None:
            await _silence(script.before, left)
        response = ScriptedResponse(script, left)
        self.responses.append(response)
        return response

    def answer_now(self) -> None:
        """End the silence of all who are waiting for their clients to leave, as if these had."""
        for left in self._waiting:
            left.set()

    async def close(self) -> None:
        self.closed = True


async def _silence(wait: Wait, left: asyncio.Event) -> None:
    await (left if wait is Wait.UNTIL_LEFT else asyncio.Event()).wait()
