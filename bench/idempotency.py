"""What idempotency keys cost, in the gateway's application, without sockets: ``python -m bench.idempotency``.

CPU per request of the same call without the wrapper around actions, with it and no key, with a new key each
time, and with one that is known; keys are kept in a SQLite file. The first two take turns.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy
from pointsman.caching.idempotency.sqlite import SqliteIdempotency
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.gateway.edge.faces import Action, Faces
from pointsman.ledger import MemoryLedger
from pointsman.providers import simulated_providers
from tests.support.gateway import CHAT, ask, packaged_catalog
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE
from tests.support.stack import settings
from tests.support.upstream import Scripted, ScriptedTransport

TURNS, CALLS = 14, 1500
BODY = msgspec.json.encode(ask(OPENAI_MODEL))
HEADERS = [(b"content-type", b"application/json"), (b"user-agent", b"bench")]
Headers = list[tuple[bytes, bytes]]


class Bench:
    def __init__(self, store: SqliteIdempotency, *, wrapped: bool) -> None:
        self.transport = ScriptedTransport(otherwise=Scripted(body=OPENAI_WHOLE))
        self.gateway = build_gateway(
            settings(),
            simulated_providers("http://upstream"),
            ledger=MemoryLedger(),
            idempotency=store,
            door=OPEN_DOOR,
            environment={},
            transport=self.transport,
            catalog=packaged_catalog(),
        )
        if not wrapped:
            plain = Action(self.gateway.journey.run, has_body=True)
            self.gateway.app._faces = Faces({("POST", CHAT): plain})

    async def measure(self, headers: Callable[[int], Headers], calls: int = CALLS) -> float:
        """Microseconds of CPU per call, all threads of the process together."""
        before = time.process_time()
        for number in range(calls):
            await self._call(headers(number))
        spent = time.process_time() - before
        self.transport.requests.clear()
        self.transport.responses.clear()
        self.transport._waiting.clear()
        return spent / calls * 1e6

    async def _call(self, headers: Headers) -> None:
        body = [{"type": "http.request", "body": BODY, "more_body": False}]

        async def receive() -> Any:
            return body.pop()

        async def send(message: Any) -> None:
            pass

        scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": headers}
        await self.gateway.app(scope, receive, send)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteIdempotency(
            Path(folder) / "db",
            IdempotencyPolicy(),
            owner=b"bench",
            now_us=lambda: time.time_ns() // 1000,
        )
        benches = {"no wrapper": Bench(store, wrapped=False), "no key": Bench(store, wrapped=True)}
        seen: dict[str, list[float]] = {name: [] for name in benches}
        for turn in range(TURNS + 1):
            for name in sorted(benches, reverse=bool(turn % 2)):
                spent = await benches[name].measure(lambda _: HEADERS)
                if turn:
                    seen[name].append(spent)
        keyed = benches["no key"]
        for name in ("new key", "known key"):
            seen[name] = [
                await keyed.measure(lambda number: [*HEADERS, (b"idempotency-key", b"key %d" % number)])
            ]
        await keyed.gateway.close()
    for name, microseconds in seen.items():
        print(
            f"{name:12} {min(microseconds):6.1f} µs at best, {statistics.median(microseconds):6.1f} µs median"
        )


if __name__ == "__main__":
    asyncio.run(main())
