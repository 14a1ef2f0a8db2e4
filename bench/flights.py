"""What single flight costs, in the gateway's application, without sockets: ``python -m bench.flights``.

Fifty requests are under way at a time.

CPU per request that misses the cache and that nobody joins: without a cache, with one, and with one whose
calls can be shared; and per request where fifty share a call. All take turns.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import uvloop

from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.ledger import MemoryLedger
from pointsman.providers import simulated_providers
from tests.support.gateway import CHAT, ask, packaged_catalog
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.stack import settings
from tests.support.upstream import Scripted, ScriptedTransport

TURNS, CALLS, SHARED, EVENTS = 25, 400, 50, 200
HEADERS = [(b"content-type", b"application/json"), (b"user-agent", b"bench")]
CACHES: dict[str, dict[str, Any]] = {
    "no cache": {},
    "not shared": {"enabled": True, "sampled": True, "coalesce": False},
    "shared": {"enabled": True, "sampled": True},
}
LONG: Sequence[bytes] = [*OPENAI_EVENTS[:2], *[OPENAI_EVENTS[1]] * EVENTS, *OPENAI_EVENTS[2:]]


class Bench:
    def __init__(self, cache: dict[str, Any], *, streams: bool) -> None:
        body: Any = LONG if streams else OPENAI_WHOLE
        self._streams = streams
        self._number = 0
        self.transport = ScriptedTransport(otherwise=Scripted(body=body))
        self.gateway = build_gateway(
            settings(cache=cache),
            simulated_providers("http://upstream"),
            ledger=MemoryLedger(),
            door=OPEN_DOOR,
            environment={},
            transport=self.transport,
            catalog=packaged_catalog(),
        )

    async def measure(self, *, together: int = 1) -> float:
        """Microseconds of CPU per request; ``together`` ask the same."""
        bodies = [body for _ in range(CALLS // together) for body in [self._body()] * together]
        before = time.process_time()
        for at in range(0, CALLS, SHARED):
            await asyncio.gather(*[self._call(body) for body in bodies[at : at + SHARED]])
        spent = time.process_time() - before
        self.transport.requests.clear()
        self.transport.responses.clear()
        return spent / CALLS * 1e6

    def _body(self) -> bytes:
        self._number += 1
        return msgspec.json.encode(ask(OPENAI_MODEL, f"Why {self._number}?", stream=self._streams))

    async def _call(self, body: bytes) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                assert message["status"] == 200

        scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": HEADERS}
        await self.gateway.app(scope, receive, send)


async def main() -> None:
    for streams in (False, True):
        benches = {name: Bench(cache, streams=streams) for name, cache in CACHES.items()}
        found: dict[str, list[float]] = {name: [] for name in (*CACHES, f"{SHARED} together")}
        for _ in range(TURNS):
            for name, bench in benches.items():
                found[name].append(await bench.measure())
            found[f"{SHARED} together"].append(await benches["shared"].measure(together=SHARED))
        print(f"a stream of {EVENTS} events" if streams else "a whole answer")
        base = found["not shared"]
        for name, each in found.items():
            best, median = min(each), statistics.median(each)
            ratios = f"{best / min(base):4.2f} and {median / statistics.median(base):4.2f} of not shared"
            print(f"  {name:12}  {best:7.1f} µs a request at best, {median:7.1f} in the median: {ratios}")
        for bench in benches.values():
            await bench.gateway.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
