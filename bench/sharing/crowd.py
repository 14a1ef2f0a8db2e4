"""Callers: send without end, and note what became of each request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from bench.sharing.plan import HELD, MAX_WAIT, MODEL, Ask, Dice
from pointsman.errors import PointsmanError
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts

LONGEST = 120.0
"""Seconds after which a caller takes an answer for one that hangs."""


@dataclass
class Record:
    """One call. Times are those of ``time.monotonic``."""

    replica: int
    key: str
    begun: float
    head: float
    """When the status was there."""
    ended: float
    status: int
    """0: the connection broke."""
    error: str
    stream: bool


class Crowd:
    """All callers.

    Args:
        doors: ports of the replicas.
        alive: which of them may be asked, as a load balancer would know it.
    """

    def __init__(
        self, doors: list[int], keys: dict[str, str], dice: Dice, alive: Callable[[], list[int]]
    ) -> None:
        self._doors = doors
        self._keys = keys
        self._dice = dice
        self._alive = alive
        self._transport = Http1Transport()
        self._tasks: set[asyncio.Task[None]] = set()
        self.records: list[Record] = []
        self.under_way: dict[asyncio.Task[None], tuple[int, float]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        due = time.monotonic()
        while True:
            due += self._dice.pause()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._send(self._dice.ask(self._alive()))

    def burst(self, count: int) -> None:
        """So many at once, to use up what a limit has saved."""
        for _ in range(count):
            self._send(self._dice.ask(self._alive()))

    async def hold(self, replica: int, count: int, tokens: int) -> list[asyncio.Task[None]]:
        """Long calls to the model of which only calls at once are limited."""
        ask = Ask(replica, next(iter(self._keys)), "Tell me everything.", tokens, stream=True)
        tasks = [asyncio.create_task(self._one(ask, HELD, [])) for _ in range(count)]
        self._tasks.update(tasks)
        return tasks

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._transport.close()

    def _send(self, ask: Ask) -> None:
        task = asyncio.create_task(self._one(ask, MODEL, self.records))
        self._tasks.add(task)
        self.under_way[task] = (ask.replica, time.monotonic())
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(self.under_way.pop)

    async def _one(self, ask: Ask, model: str, records: list[Record]) -> None:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": ask.prompt}],
            "max_completion_tokens": ask.max_tokens,
            "stream": ask.stream,
        }
        headers = (
            ("authorization", f"Bearer {self._keys[ask.key]}"),
            ("content-type", "application/json"),
            ("x-pointsman-max-wait", str(MAX_WAIT)),
        )
        url = f"http://127.0.0.1:{self._doors[ask.replica]}/v1/chat/completions"
        request = HttpRequest("POST", url, headers, msgspec.json.encode(body))
        begun = time.monotonic()
        record = Record(ask.replica, ask.key, begun, begun, begun, 0, "", ask.stream)
        try:
            response = await self._transport.send(
                request, Timeouts(connect=5, first_byte=LONGEST, idle=LONGEST, total=LONGEST)
            )
            record.status, record.head = response.status, time.monotonic()
            answer = await response.read()
            record.error = error_in(answer, record.status)
        except PointsmanError as error:
            record.error = f"{type(error).__name__}: {error}"[:160]
        record.ended = time.monotonic()
        records.append(record)


def error_in(answer: bytes, status: int) -> str:
    """Of an error answer, or of a stream that ended with one."""
    if status == 200 and b'"error"' not in answer[-600:]:
        return ""
    text = answer[answer.rfind(b"data: {") + 6 :] if status == 200 else answer
    try:
        error = msgspec.json.decode(text.split(b"\n")[0])["error"]
        return f"{error.get('code') or error.get('type')}: {error['message']}"[:200]
    except (msgspec.DecodeError, KeyError, TypeError):
        return text[-160:].decode(errors="replace")
