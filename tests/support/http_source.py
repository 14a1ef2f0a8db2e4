"""A connection that its answer can ask for everything, and that does nothing but take notes."""

from __future__ import annotations

import asyncio

from pointsman.http1.response import Response


class StubSource:
    """Implements ``response.Source``. ``time`` is set by the test; ``wait`` ends with the next ``wake``."""

    def __init__(self, *, halves: bool = True) -> None:
        self.halves = halves
        """Whether this side alone can be closed."""
        self.time = 0.0
        self.calls: list[str] = []
        self.waits: list[float | None] = []
        self._woken = asyncio.Semaphore(0)

    def wake(self) -> None:
        self._woken.release()

    async def wait(self, until: float | None = None) -> None:
        self.waits.append(until)
        await self._woken.acquire()

    def resume(self) -> None:
        self.calls.append("resume")

    def finish_sending(self) -> bool:
        self.calls.append("finish")
        return self.halves

    def now(self) -> float:
        return self.time

    def abort(self) -> None:
        self.calls.append("abort")

    @staticmethod
    def taken(response: Response) -> bytes:
        """The body of an answer that is whole, without a loop."""
        reading = response.read()
        try:
            reading.send(None)
        except StopIteration as end:
            body: bytes = end.value
            return body
        reading.close()
        raise AssertionError("the answer is not whole")
