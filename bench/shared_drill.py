"""Processes, killed: three gateways on one Valkey, and fifty who ask the same of them, streams and whole
answers in both dialects; the gateway that makes the call is killed (SIGKILL) at a random event, or Valkey is,
and comes back empty.

    .venv/bin/python -m bench.shared_drill --rounds 6

Each must have all of the one answer, or the beginning of it and an error; the ledgers of all gateways, when
they have started again, must sum to their attempts, and these be what the provider bills.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from signal import SIGKILL
from typing import Any

import msgspec

from bench.gateways import POINTSMAN
from bench.process import Running, free_port, usual_environment
from pointsman.chat import Text
from pointsman.costs import format_usd, parse_usd
from pointsman.errors import PointsmanError
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from pointsman.ledger import UsageQuery
from pointsman.ledger.entry import Entry
from pointsman.ledger.sqlite import SqliteReader
from tests.support.books import Bill
from tests.support.equal_requests import cold, events, said
from tests.support.gateway import CHAT, MESSAGES
from tests.support.redis_server import RedisServer

MODEL, GATEWAYS, MANY, LEASE = "gpt-4.1", 3, 50, 1.0
WAYS = ((CHAT, True), (CHAT, False), (MESSAGES, True), (MESSAGES, False))
TIMEOUTS = Timeouts(connect=5, first_byte=60, idle=60, total=90)
PATIENCE = 60.0


class Asked:
    """One request over HTTP, and what came of it."""

    def __init__(self, at: int, way: tuple[str, bool]) -> None:
        self.at = at
        self.path, self.streams = way
        self.status = 0
        self.body = b""
        self.cut = False
        self.came = asyncio.Condition()

    async def has(self, count: int) -> None:
        """Wait until there are so many events."""
        async with self.came:
            await self.came.wait_for(lambda: self.events >= count)

    async def run(self, transport: Http1Transport, port: int, prompt: str) -> None:
        body = msgspec.json.encode(cold(MODEL, prompt, stream=self.streams) | {"max_tokens": 200})
        headers = (("content-type", "application/json"), ("authorization", "Bearer any"))
        request = HttpRequest("POST", f"http://127.0.0.1:{port}{self.path}", headers, body)
        try:
            response = await transport.send(request, TIMEOUTS)
            self.status = response.status
            async for piece in response.chunks():
                self.body += piece
                async with self.came:
                    self.came.notify_all()
        except PointsmanError:
            self.cut = True  # its gateway was killed

    @property
    def events(self) -> int:
        return self.body.count(b"\n\n")

    def told(self) -> tuple[str, str]:
        """How it ended, and the text that it was told."""
        if self.cut:
            return "killed", ""
        if not self.streams:
            return ("refused", "") if self.status != 200 else ("whole", text_of(self.path, self.body, False))
        if b'"error"' not in self.body:
            return "whole", text_of(self.path, self.body, True)
        told = self.body.partition(b'data: {"error"')[0].partition(b"event: error")[0]
        return "broken", "".join(getattr(event, "text", "") for event in events(self.path, told))


class Site:
    """The processes."""

    def __init__(self, work: Path, redis: RedisServer) -> None:
        self.work, self.redis = work, redis
        self.simulator = free_port()
        self.ports = [free_port() for _ in range(GATEWAYS)]
        self._provider = self._spawn(
            "simulator", ["simulate", "--port", str(self.simulator), "--pace", "real"]
        )
        self._wait(self.simulator)
        self._gateways: list[Running] = []
        for number in range(GATEWAYS):
            self._gateways.append(self._start(number))

    def _start(self, number: int) -> Running:
        place = self.work / f"gateway-{number}"
        place.mkdir(exist_ok=True)
        (place / "pointsman.toml").write_text(
            f'[storage]\npath = "{place / "pointsman.db"}"\n\n'
            f'[providers.openai]\nbase_url = "http://127.0.0.1:{self.simulator}/openai/v1"\n'
            'api_key = "any"\nlearn_limits = false\n\n'
            '[cache]\nenabled = true\ncharge = "split"\n\n'
            f'[redis]\nurl = "{self.redis.url}"\nlease = {LEASE}\n'
        )
        config = ["--config", str(place / "pointsman.toml")]
        ports = ["--port", str(self.ports[number]), "--admin-port", str(free_port())]
        running = self._spawn(f"gateway-{number}", ["serve", *config, *ports])
        self._wait(self.ports[number])
        return running

    def kill(self, number: int) -> None:
        self._gateways[number].signal(SIGKILL)
        self._gateways[number].stop()

    def revive(self, number: int) -> None:
        self._gateways[number] = self._start(number)

    def entries(self, number: int) -> list[Entry]:
        reader = SqliteReader(self.work / f"gateway-{number}" / "pointsman.db")
        return list(reader.entries(UsageQuery()))

    def bill(self) -> Bill:
        connection = HTTPConnection("127.0.0.1", self.simulator, timeout=20)
        connection.request("GET", "/invoice")
        return msgspec.json.decode(connection.getresponse().read(), type=Bill)

    def until_asked(self) -> None:
        """Until the provider makes an answer."""
        deadline = time.monotonic() + PATIENCE
        while not self.bill().in_flight and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self) -> None:
        """The gateways, which then have committed all; the provider is for ``close``."""
        for running in self._gateways:
            running.stop()

    def close(self) -> None:
        self.stop()
        self._provider.stop()

    def _spawn(self, name: str, command: list[str]) -> Running:
        with (self.work / f"{name}.log").open("ab") as log:
            popen = subprocess.Popen(
                [sys.executable, POINTSMAN, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=usual_environment(),
                start_new_session=True,
            )
        return Running(popen)

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                HTTPConnection("127.0.0.1", port, timeout=1).connect()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


async def play(site: Site, number: int, dice: random.Random, *, kills: str) -> Counter[str]:
    """One round; the first gateway is asked first. Raises AssertionError."""
    prompt = f"Round {number} of {dice.random()}: why do trains run late?"
    transport = Http1Transport()
    asked = [
        Asked(0, WAYS[0]),
        *(Asked(dice.randrange(GATEWAYS), dice.choice(WAYS)) for _ in range(MANY - 1)),
    ]
    at = dice.choice((0, dice.randint(1, 40)))
    running = []
    for index, each in enumerate(asked):
        running.append(asyncio.create_task(each.run(transport, site.ports[each.at], prompt)))
        if not index:
            await asyncio.to_thread(site.until_asked)  # its gateway leads
    watched = next(each for each in asked if each.at and each.streams and each.path == CHAT)
    async with asyncio.timeout(PATIENCE):
        await asyncio.sleep(0.1)
        await watched.has(at)
    if kills == "gateway":
        await asyncio.to_thread(site.kill, 0)
    else:
        site.redis.kill()
    async with asyncio.timeout(2 * PATIENCE):
        await asyncio.gather(*running)
    if kills == "gateway":
        await asyncio.to_thread(site.revive, 0)
    else:
        site.redis.start()
        await asyncio.sleep(2 * LEASE)  # each has reached it again
    await transport.close()
    return judge(asked, kills)


def judge(asked: list[Asked], kills: str) -> Counter[str]:
    told = [(each, *each.told()) for each in asked]
    texts = {text for _, how, text in told if how == "whole"}
    for each, how, _ in told:
        assert how != "killed" or (kills == "gateway" and each.at == 0), "who was not killed is answered"
        assert how != "refused", (each.status, each.body[:300])
        assert kills == "gateway" or each.at or how == "whole", "a leader goes on without Valkey"
    # what broke off was the first call, of which the first client has all, unless it was killed
    begun = [text for _, how, text in told if how == "broken"]
    whole = told[0][2] or max(begun, key=len, default="")
    assert all(whole.startswith(text) for text in begun), "a beginning of something else"
    assert len(texts) <= 1 + GATEWAYS, "as many answers as there were calls, at most"
    return Counter(how for _, how, _ in told)


def books(site: Site) -> str:
    """Of all gateways, once they have stopped. Raises AssertionError."""
    time.sleep(1.0)  # the provider has heard of those that died
    bill = site.bill()
    lines = {line.client_request_id: line for line in bill.calls}
    booked = total = billed = parts = exact = 0
    for number in range(GATEWAYS):
        own = site.entries(number)
        attempts = {f"{entry.request_id}-{each.number}": each for entry in own for each in entry.attempts}
        paid, spent = sum(entry.cost or 0 for entry in own), sum(each.cost or 0 for each in attempts.values())
        assert paid == spent, f"gateway {number}: entries of {paid}, attempts of {spent}"
        for name, attempt in attempts.items():
            line = lines.pop(name, None)
            usd = 0 if line is None else parse_usd(line.usd)
            billed += usd
            if line is not None and line.usage_reported and not attempt.estimated:
                assert attempt.cost == usd, (attempt, line)
                exact += 1
            assert (attempt.cost or 0) >= usd, (attempt, line)
        booked, total = booked + paid, total + spent
        parts += sum(entry.cache == "part" for entry in own)
    assert not lines, f"calls that no ledger knows: {list(lines)}"
    return (
        f"${format_usd(booked)} booked, the same in attempts, ${format_usd(billed)} billed "
        f"({exact} calls to the token, the others were cut and are estimates above it); {parts} parts"
    )


def text_of(path: str, body: bytes, streams: bool) -> str:
    return "".join(part.text for part in said(path, body, streams).parts if isinstance(part, Text))


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.shared_drill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice: Any = random.Random(f"drill {options.seed}")
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory(prefix="redis-") as folder:
        redis = RedisServer(Path(folder))
        redis.start()
        site = Site(Path(work), redis)
        try:
            for number in range(options.rounds):
                kills = ("gateway", "valkey")[number % 2]
                counted = await play(site, number, dice, kills=kills)
                told = ", ".join(f"{count} {how}" for how, count in counted.most_common())
                print(f"{kills} killed: {told}", flush=True)
            await asyncio.to_thread(site.stop)
            print(await asyncio.to_thread(books, site))
        except AssertionError as error:
            print(f"It does not hold: {error}", file=sys.stderr)
            return 1
        finally:
            site.close()
            redis.kill()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
