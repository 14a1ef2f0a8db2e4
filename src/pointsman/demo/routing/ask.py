"""Sends exercises through a gateway, many at a time, and looks whether the answers are right."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from pointsman.costs import parse_usd
from pointsman.http1 import HttpRequest, Timeouts, Transport
from pointsman.routing.cascade import extractor
from pointsman.simulator.exercises import Exercise

from .routing import SYSTEM, WEAK, Sent

AT_ONCE = 24
_number = extractor("number")


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message


class _Whole(msgspec.Struct):
    choices: list[_Choice]


_wholes = msgspec.json.Decoder(_Whole)


class Counter:
    """What was sent so far in one lane."""

    def __init__(self, all_: int) -> None:
        self.all = all_
        self.sent: dict[int, Sent] = {}
        """By the position of the prompt."""
        self.errors = 0

    @property
    def done(self) -> int:
        return len(self.sent) + self.errors

    @property
    def right(self) -> int:
        return sum(each.right for each in self.sent.values())

    @property
    def cost(self) -> int:
        """Picodollars."""
        return sum(each.cost for each in self.sent.values())

    @property
    def to_weak(self) -> int:
        return sum(each.weak for each in self.sent.values())


class Sender:
    """One for a gateway.

    Args:
        gateway: its address.
    """

    def __init__(self, transport: Transport, gateway: str) -> None:
        self._transport = transport
        self._url = f"{gateway}/v1/chat/completions"
        self._headers = (("authorization", "Bearer demo"), ("content-type", "application/json"))

    async def ask(self, model: str, exercise: Exercise) -> Sent | None:
        """None: there was no answer, or none whose cost is known."""
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": exercise.prompt}]
        body = msgspec.json.encode({"model": model, "messages": messages})
        request = HttpRequest("POST", self._url, self._headers, body)
        response = await self._transport.send(request, Timeouts())
        said = await response.read()
        cost = response.headers.get("x-pointsman-cost-usd")
        if response.status != 200 or cost is None:
            return None
        answer = _wholes.decode(said).choices[0].message.content
        return Sent(
            exercise.kind,
            response.headers["x-pointsman-model"] == WEAK,
            _number(answer) == str(exercise.answer),
            parse_usd(cost),
        )


Ask = Callable[[str, Exercise], Awaitable[Sent | None]]


class Room:
    """Keeps senders from running ahead of what is done behind their backs: a gateway shadows only so many
    requests at a time, and lets the others go without."""

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._begun = self._followed = 0
        self._changed = asyncio.Event()

    async def enter(self) -> None:
        """Wait until one more may be sent."""
        while self._begun - self._followed >= self._ahead:
            self._changed.clear()
            await self._changed.wait()
        self._begun += 1

    def follow(self, done: int) -> None:
        """So many of them are done behind the backs by now."""
        self._followed = max(self._followed, done)
        self._changed.set()


async def send_all(
    ask: Ask,
    jobs: Iterable[tuple[Counter, int, str, Exercise]],
    room: Room | None = None,
    at_once: int = AT_ONCE,
) -> None:
    """Ask all, in their order, and count.

    Args:
        jobs: where it is counted, the position of the prompt, the model to ask for, the prompt.
    """
    rest = iter(jobs)

    async def work() -> None:
        for counter, position, model, exercise in rest:
            if room is not None:
                await room.enter()
            sent = await ask(model, exercise)
            if sent is None:
                counter.errors += 1
            else:
                counter.sent[position] = sent

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
