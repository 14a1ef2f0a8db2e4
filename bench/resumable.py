"""What ids of events cost, without sockets: ``python -m bench.resumable``.

CPU of the gateway's application per event of a flooded stream (a provider that sends as fast as it is read,
one event in each turn of the loop, or many in a piece), as it passes by default, and resumable: with ids, a
task and a buffer of its own. And ``EventIds.mark`` alone.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.gateway.resume.event_ids import EventIds
from pointsman.ledger import MemoryLedger
from pointsman.providers import simulated_providers
from tests.support.gateway import CHAT, ask, packaged_catalog
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL
from tests.support.stack import settings
from tests.support.upstream import Scripted, ScriptedResponse, ScriptedTransport

TURNS, EVENTS = 8, 20_000
BODY = msgspec.json.encode(ask(OPENAI_MODEL, stream=True))
HEADERS = [(b"content-type", b"application/json"), (b"user-agent", b"bench")]
WISH = [*HEADERS, (b"x-pointsman-resumable", b"true")]
KEY = [*HEADERS, (b"idempotency-key", b"one")]


class Turning(ScriptedTransport):
    """Gives each piece in a turn of the loop of its own, as a socket does."""

    async def send(self, *given: Any) -> ScriptedResponse:
        response = await super().send(*given)
        chunks = response.chunks

        async def turning() -> AsyncIterator[bytes]:
            async for chunk in chunks():
                await asyncio.sleep(0)
                yield chunk

        response.chunks = turning  # type: ignore[method-assign]  # of this one object
        return response


def pieces(together: int) -> list[bytes]:
    middle = [OPENAI_EVENTS[1] * together] * (EVENTS // together)
    return [OPENAI_EVENTS[0], *middle, *OPENAI_EVENTS[2:]]


async def measure(script: list[bytes], headers: list[tuple[bytes, bytes]]) -> float:
    """Microseconds of CPU per event."""
    gateway = build_gateway(
        settings(streams={"max_stream_mb": 64}),
        simulated_providers("http://upstream"),
        ledger=MemoryLedger(),
        door=OPEN_DOOR,
        environment={},
        transport=Turning(Scripted(body=script)),
        catalog=packaged_catalog(),
    )
    body = [{"type": "http.request", "body": BODY, "more_body": False}]
    sent = 0

    async def receive() -> Any:
        return body.pop() if body else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))

    scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": headers}
    before = time.process_time()
    await gateway.app(scope, receive, send)
    spent = time.process_time() - before
    await gateway.close()
    assert sent > EVENTS * len(OPENAI_EVENTS[1])
    return spent / EVENTS * 1e6


def mark_alone(together: int) -> float:
    mark, piece = EventIds("req_0123456789abcdef0123456789").mark, OPENAI_EVENTS[1] * together
    before = time.process_time()
    for _ in range(EVENTS // together):
        mark(piece)
    return (time.process_time() - before) / EVENTS * 1e6


async def main() -> None:
    for together in (1, 20):
        script = pieces(together)
        seen: dict[str, list[float]] = {"as it is": [], "resumable": [], "under a key": [], "mark alone": []}
        for turn in range(TURNS + 1):
            took = {
                "as it is": await measure(script, HEADERS),
                "resumable": await measure(script, WISH),
                "under a key": await measure(script, KEY),
                "mark alone": mark_alone(together),
            }
            if turn:
                for name, microseconds in took.items():
                    seen[name].append(microseconds)
        print(f"{together} event{'s' * (together > 1)} in a piece, µs of CPU per event:")
        for name, all_of_them in seen.items():
            print(
                f"  {name:12} {min(all_of_them):5.2f} at best, {statistics.median(all_of_them):5.2f} median"
            )


if __name__ == "__main__":
    asyncio.run(main())
