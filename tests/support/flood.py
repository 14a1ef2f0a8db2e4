"""A flood of requests over the whole gateway in virtual time: who asks for what, and what came of it."""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from statistics import median
from typing import Any

import msgspec

from pointsman.http1 import HttpRequest
from pointsman.keys import KeyInfo, KeyLimits
from pointsman.simulator import Config
from tests.support.asgi import AsgiCall
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

_PLACE = re.compile(rb": queued position=(\d+)(?: starts_in=([0-9.]+)s)?")
_PATHS = {"claude": "/v1/messages", "gpt": "/v1/chat/completions"}
_SERVERS = {"claude": "anthropic", "gpt": "openai"}


class Caller(msgspec.Struct, frozen=True):
    """One key, and what it asks for."""

    share: float = 1.0
    """Of all demand."""
    weight: float = 1.0
    words: tuple[int, int] = (2, 60)
    """Of a prompt: least and most."""
    max_tokens: tuple[int, ...] = (40, 120, 300)


def seeds() -> list[int]:
    """One, or as many as ``POINTSMAN_FLOW_SEEDS`` says."""
    return list(range(1, 1 + int(os.environ.get("POINTSMAN_FLOW_SEEDS", "1"))))


def equal(count: int, **caller: Any) -> dict[str, Caller]:
    return {f"k{number}": Caller(**caller) for number in range(count)}


class Flood(msgspec.Struct, frozen=True):
    """Requests at random moments, ``rate`` a minute in all."""

    model: str
    rate: float
    limits: Mapping[str, int] = {}
    """What the gateway is told of the provider's limits."""
    simulator: Config = Config()
    callers: Mapping[str, Caller] = msgspec.field(default_factory=lambda: equal(10))
    minutes: float = 10.0
    warm: float = 60.0
    """Seconds after which utilisation and shares are measured: a bucket's first minute is free."""
    max_wait: float = 30.0
    streams: float = 0.5
    delay: tuple[float, float] = (0.0, 0.2)
    tables: Mapping[str, Any] = {}
    """More settings."""


class Told(msgspec.Struct, frozen=True):
    """What a waiting client was told, and when."""

    at: float
    starts_in: float | None
    position: int


class Seen(msgspec.Struct):
    """One request, as its client saw it."""

    key: str
    at: float
    status: int = 0
    ended: float = 0.0
    told: list[Told] = []
    request_id: str = ""
    retry_after: float | None = None
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return self.status == 200 and b'"error"' not in self.body[-600:]


class Result(msgspec.Struct):
    """What came of it."""

    seen: list[Seen]
    sent: dict[str, float]
    """When the first attempt of each request left; by request id."""
    attempts: int
    refused: int
    """429s of the provider."""
    before: dict[str, int]
    after: dict[str, int]
    amounts: dict[str, int]
    tokens: Counter[str]
    """By key, billed for calls that were sent after the warm-up."""
    starts: Counter[str]
    warm: float
    seconds: float
    """From the warm-up to the end."""
    busy: float
    """Calls that we had under way, on average, as a share of the limit on calls at once; 0 without one."""

    def utilisation(self, cause: str) -> float:
        """Of a limit, from the warm-up to the end, by the provider's own count."""
        return (self.after[cause] - self.before[cause]) / (self.amounts[cause] * self.seconds / 60)

    @property
    def refusals(self) -> float:
        """429s of the provider, as a share of the calls."""
        return self.refused / self.attempts

    def error(self) -> float:
        """Median of |told − real| ÷ real over all that clients were told of their start."""
        return median(self.errors())

    def errors(self) -> list[float]:
        found = []
        for one in self.seen:
            start = self.sent.get(one.request_id)
            if start is not None:
                real = [(told, start - told.at) for told in one.told if start - told.at > 0.5]
                found += [
                    abs(told.starts_in - left) / left for told, left in real if told.starts_in is not None
                ]
        return found

    def untold(self) -> float:
        """Share of what clients were told that named no time."""
        told = [each for one in self.seen for each in one.told]
        return sum(each.starts_in is None for each in told) / max(1, len(told))

    def longest_silence(self, key: str) -> float:
        """The longest time in which nothing of a key started, though it asked all the time."""
        starts = sorted(
            self.sent[one.request_id] for one in self.seen if one.key == key and one.request_id in self.sent
        )
        return max((b - a for a, b in pairwise(starts)), default=float("inf"))


def jain(values: list[float]) -> float:
    return sum(values) ** 2 / len(values) / sum(value * value for value in values)


class KeyRing:
    """Lets in whoever names a key."""

    def __init__(self, keys: Mapping[str, KeyLimits]) -> None:
        self._keys = {name: KeyInfo(name, name, "acme", limits) for name, limits in keys.items()}

    def authenticate(self, token: str) -> KeyInfo:
        return self._keys[token]


class TimedCall(AsgiCall):
    """Knows when its comments came."""

    told: list[Told]

    async def _send(self, message: dict[str, Any]) -> None:
        await super()._send(message)
        found = _PLACE.match(message.get("body", b""))
        if found:
            starts_in = None if found[2] is None else float(found[2])
            self.told.append(Told(asyncio.get_running_loop().time(), starts_in, int(found[1])))


def run_flood(flood: Flood, seed: int) -> Result:
    """In virtual time."""
    return run_virtual(lambda: _run(flood, seed))


async def _run(flood: Flood, seed: int) -> Result:
    provider = _SERVERS[flood.model.partition("-")[0]]
    tables: dict[str, Any] = {"queue": {"max_wait": flood.max_wait}} | dict(flood.tables)
    if flood.limits:
        tables["providers"] = {provider: {"limits": {flood.model: dict(flood.limits)}}}
    door = KeyRing({name: KeyLimits(weight=caller.weight) for name, caller in flood.callers.items()})
    simulator = msgspec.structs.replace(flood.simulator, seed=seed)
    async with virtual_stack(
        simulator, seed=seed, delay=flood.delay, given=settings(**tables), door=door
    ) as stack:
        return await _Driver(flood, seed, stack).run()


class _Driver:
    def __init__(self, flood: Flood, seed: int, stack: VirtualStack) -> None:
        self._flood = flood
        self._seed = seed
        self._stack = stack
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._end = self._began + 60 * flood.minutes
        self._sent: dict[str, float] = {}
        self._seen: list[Seen] = []
        self._busy = 0.0
        stack.transport.on_send = self._note

    async def run(self) -> Result:
        flood, stack = self._flood, self._stack
        tasks: list[asyncio.Task[None]] = []
        total = sum(caller.share for caller in flood.callers.values())
        senders = [
            asyncio.create_task(self._send(name, caller, flood.rate * caller.share / total, tasks))
            for name, caller in flood.callers.items()
        ]
        await asyncio.sleep(flood.warm)
        before = self._levels()
        await self._watch()
        after = self._levels()
        await asyncio.gather(*senders)
        await asyncio.gather(*tasks)
        bill = await stack.bill()
        (row,) = stack.simulator.service.limits()["models"]
        tokens, starts = self._served()
        return Result(
            self._seen,
            self._sent,
            len(bill.calls),
            sum(row["rejected_429"].values()),
            before,
            after,
            {cause: level["limit"] for cause, level in row["limits"].items() if level["limit"]},
            tokens,
            starts,
            flood.warm,
            60 * flood.minutes - flood.warm,
            self._busy / (60 * flood.minutes - flood.warm) / flood.limits.get("concurrency", float("inf")),
        )

    async def _watch(self) -> None:
        """Until the end, see how many calls are under way."""
        health = self._stack.gateway.flow.health
        while (left := self._end - self._loop.time()) > 0:
            step = min(0.1, left)
            await asyncio.sleep(step)
            self._busy += step * sum(one.in_flight for one in health._deployments.values())

    def _served(self) -> tuple[Counter[str], Counter[str]]:
        tokens, starts = Counter[str](), Counter[str]()
        for entry in self._stack.ledger.entries:
            at = self._sent.get(entry.request_id, 0.0)
            if self._began + self._flood.warm <= at < self._end and entry.usage is not None:
                tokens[entry.key_id] += entry.usage.total
                starts[entry.key_id] += 1
        return tokens, starts

    def _levels(self) -> dict[str, int]:
        (row,) = self._stack.simulator.service.limits()["models"]
        return {cause: level["total"] for cause, level in row["limits"].items()}

    def _note(self, request: HttpRequest) -> None:
        name = dict(request.headers)["x-client-request-id"].rpartition("-")[0]
        self._sent.setdefault(name, self._loop.time())

    async def _send(self, name: str, caller: Caller, rate: float, tasks: list[asyncio.Task[None]]) -> None:
        dice = random.Random(f"{self._seed} {name}")
        number = 0
        while True:
            await asyncio.sleep(dice.expovariate(rate / 60))
            if self._loop.time() >= self._end:
                return
            number += 1
            tasks.append(asyncio.create_task(self._ask(name, caller, number, dice)))

    async def _ask(self, name: str, caller: Caller, number: int, dice: random.Random) -> None:
        words = "please " * dice.randint(*caller.words)
        body = {
            "model": self._flood.model,
            "max_tokens": dice.choice(caller.max_tokens),
            "stream": dice.random() < self._flood.streams,
            "messages": [{"role": "user", "content": f"{name} {number}: {words}why?"}],
        }
        family = self._flood.model.partition("-")[0]
        headers = {"authorization": f"Bearer {name}", "anthropic-version": "2023-06-01"}
        if family == "gpt":
            del headers["anthropic-version"]
        call = TimedCall(
            self._stack.gateway.app, "POST", _PATHS[family], [msgspec.json.encode(body)], headers
        )
        call.told = []
        seen = Seen(name, self._loop.time(), told=call.told)
        self._seen.append(seen)
        await call.run()
        seen.status, seen.ended = call.status, self._loop.time()
        seen.request_id, seen.body = call.headers["x-request-id"], call.body
        after = call.headers.get("retry-after-ms")
        seen.retry_after = None if after is None else float(after) / 1000
