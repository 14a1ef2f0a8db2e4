"""``pointsman serve`` is killed in its work, again and again: its books against the provider's bill.

The simulator runs in another process, outlives every gateway, and keeps its own invoice.
"""

from __future__ import annotations

import asyncio
import random
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from pointsman.costs import parse_usd
from pointsman.errors import PointsmanError
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from pointsman.ledger import PROCESS_DIED, Entry
from pointsman.ledger.durable import calls_folder
from pointsman.ledger.sqlite import SqliteReader
from pointsman.providers.simulated import PATHS
from tests.support.processes import Process, running
from tests.support.traffic import Ask, make_ask

ROUNDS = 4
CLIENTS = 24
SIMULATOR = ("--port", "0", "--pace", "real", "--speed", "20")
FAULTS = "429:0.05:retry_after=0.01,500:0.05,reset:0.03"
GATEWAY = ("serve", "--port", "0", "--admin-port", "0")
KEYS = {f"{name.upper()}_API_KEY": "hs_simulated_key_that_opens_nothing" for name in PATHS}
BUCKETS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_30m", "cache_write_1h")


def write_settings(home: Path, simulator: str) -> None:
    tables = [f'[providers.{name}]\nbase_url = "{simulator}{path}"\n' for name, path in PATHS.items()]
    (home / "pointsman.toml").write_text("\n".join([*tables, "[retries]\nbase_delay = 0.001\n"]))


class Traffic:
    """Clients that ask and ask, until nobody answers any more."""

    def __init__(self, url: str, transport: Http1Transport, asks: Iterator[Ask], until: int) -> None:
        self._url = url
        self._transport = transport
        self._asks = asks
        self._left = until
        self.moment = asyncio.Event()
        """So many pieces of answers have come."""

    async def client(self) -> None:
        try:
            for ask in self._asks:
                request = HttpRequest("POST", self._url + ask.path, ask.headers, ask.body)
                response = await self._transport.send(request, Timeouts(first_byte=30, idle=30))
                async for _ in response.chunks():
                    self._left -= 1
                    if self._left <= 0:
                        self.moment.set()
        except PointsmanError:
            assert self.moment.is_set(), "nothing fails before the gateway is killed"


async def run_until_killed(
    process: Process, transport: Http1Transport, asks: Iterator[Ask], when: int
) -> str:
    """Killed in the midst of an answer; what it wrote to stderr."""
    traffic = Traffic(process.wait_for(r"ready at (\S+)")[1], transport, asks, when)
    clients = asyncio.gather(*(traffic.client() for _ in range(CLIENTS)))
    async with asyncio.timeout(20):
        await traffic.moment.wait()
        code, said = process.stop(signal.SIGKILL)
        assert code == -signal.SIGKILL
        await clients
    return said


async def bill_of(simulator: str, transport: Http1Transport) -> list[Any]:
    """The lines of the invoice, once the provider has noticed that nobody listens any more."""
    async with asyncio.timeout(20):
        while True:
            request = HttpRequest("GET", simulator + "/invoice")
            report = msgspec.json.decode(await (await transport.send(request, Timeouts())).read())
            if not report["in_flight"]:
                lines: list[Any] = report["calls"]
                return lines


def entries_in(database: Path) -> dict[str, Entry]:
    with closing(sqlite3.connect(database)) as connection:
        ids = [row[0] for row in connection.execute("SELECT request_id FROM requests")]
    reader = SqliteReader(database)
    found = {ident: entry for ident in ids if (entry := reader.find(ident)) is not None}
    assert len(found) == len(ids), "none is there twice"
    return found


def compare(entries: dict[str, Entry], line: Any) -> str:
    """Hold a line of the invoice against the attempt that it is for; what kind of attempt that was."""
    request_id, _, number = line["client_request_id"].rpartition("-")
    assert request_id in entries, f"forgotten: {line}"
    entry = entries[request_id]
    (attempt,) = [attempt for attempt in entry.attempts if attempt.number == int(number)]
    assert attempt.usage is not None
    assert attempt.cost is not None
    billed = {name: line[name] for name in BUCKETS}
    if line["usage_reported"] and attempt.error != PROCESS_DIED:
        assert {name: getattr(attempt.usage, name) for name in BUCKETS} == billed, (entry, line)
        assert (attempt.cost, attempt.estimated) == (parse_usd(line["usd"]), False), (entry, line)
        return "exact"
    assert attempt.cost >= parse_usd(line["usd"]), (entry, line)
    assert attempt.usage.output >= billed.pop("output"), (entry, line)
    assert attempt.usage.prompt >= sum(billed.values()), (entry, line)
    return "died" if attempt.error == PROCESS_DIED else "failed"


def announced(said: str) -> int:
    found = re.search(r"(\d+) requests were under way", said)
    return int(found[1]) if found else 0


async def test_whenever_it_is_killed_no_call_is_forgotten_and_none_is_booked_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown where the test fails
    dice = random.Random(seed)
    asks = (make_ask(number, seed=seed) for number in count())
    database = tmp_path / "data" / "pointsman" / "pointsman.db"
    transport = Http1Transport()
    told = 0
    with running("simulate", *SIMULATOR, "--faults", FAULTS, "--seed", str(seed), home=tmp_path) as simulator:
        url = simulator.wait_for(r"invoice: (http\S+)/invoice")[1]
        write_settings(tmp_path, url)
        for _ in range(ROUNDS):
            with running(*GATEWAY, home=tmp_path, environ=KEYS) as process:
                told += announced(await run_until_killed(process, transport, asks, dice.randrange(1, 900)))
        lines = await bill_of(url, transport)
        with running(*GATEWAY, home=tmp_path, environ=KEYS) as process:
            process.wait_for(r"ready at")
            code, said = process.stop()
            told += announced(said)
    await transport.close()
    assert code == 0
    entries = entries_in(database)
    kinds = [compare(entries, line) for line in lines]
    died = [entry for entry in entries.values() if entry.error == PROCESS_DIED]
    assert ROUNDS < len(died) <= told, "some had been committed at the very last"
    assert kinds.count("exact") > ROUNDS, "it did answer before it died"
    assert kinds.count("died") > ROUNDS
    assert len({line["client_request_id"] for line in lines}) == len(lines)
    assert list(calls_folder(database).iterdir()) == [], "all is settled"
