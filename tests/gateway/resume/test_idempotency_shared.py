"""One key at several gateways, each with a database of its own, that share a Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy
from pointsman.caching.idempotency.redis import RedisIdempotency
from pointsman.caching.shared.envelope import Envelopes
from pointsman.secret import Secret
from pointsman.storage.redis import RedisLine
from tests.support.event_ids import events_of, ids_of, without_ids
from tests.support.gateway import MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_MODEL
from tests.support.redis_server import RedisServer, redis_server
from tests.support.upstream import Scripted, Wait

KEY = {"idempotency-key": "one"}
STREAM = ask(ANTHROPIC_MODEL, stream=True)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def replica(server: RedisServer, prefix: str, owner: str, script: Scripted | None = None) -> Rig:
    line = RedisLine(Secret(server.url), timeout=2.0)
    store = RedisIdempotency(line, Envelopes(), IdempotencyPolicy(), prefix=prefix, owner=owner)
    return Rig(*([] if script is None else [script]), idempotency=store)


async def test_a_client_finds_its_answer_at_another_gateway(server: RedisServer) -> None:
    """All of it, or the rest of it behind each event."""
    one = replica(server, "a", "one", Scripted(body=ANTHROPIC_EVENTS))
    other = replica(server, "a", "other")
    first = await one.post(MESSAGES, STREAM, KEY)
    assert without_ids(first.body) == b"".join(ANTHROPIC_EVENTS)
    await one.gateway.close()
    again = await other.post(MESSAGES, STREAM, KEY)
    assert (again.status, again.body, again.headers["idempotent-replayed"]) == (200, first.body, "true")
    for number, ident in enumerate(ids_of(first.body), start=1):
        back = await other.post(MESSAGES, STREAM, KEY | {"last-event-id": ident})
        assert b"".join(events_of(first.body)[:number]) + back.body == first.body
    assert not other.transport.requests
    await other.gateway.close()


async def test_while_it_is_under_way_elsewhere_and_after_a_death_nobody_is_asked_again(
    server: RedisServer,
) -> None:
    one = replica(server, "b", "one", Scripted(body=[*ANTHROPIC_EVENTS[:3], Wait.UNTIL_LEFT]))
    other = replica(server, "b", "other", Scripted(body=ANTHROPIC_EVENTS))
    call = one.call(MESSAGES, STREAM, headers=KEY)
    task = asyncio.ensure_future(call.run())
    await asyncio.wait_for(call.events(3), 10)
    busy = await other.post(MESSAGES, STREAM, KEY)
    assert (busy.status, busy.headers["retry-after"]) == (409, "1")
    asks = RedisLine(Secret(server.url), timeout=2.0)
    await asks.ask("DEL", "{b}:idempotency:owner:one")  # as if it had died: its lease is over
    dead = await other.post(MESSAGES, STREAM, KEY)
    assert (dead.status, "may have been sent" in str(dead.json())) == (409, True)
    assert not other.transport.requests
    await one.gateway.close()  # it was alive after all, and gives up: that is told
    await task
    anew = await other.post(MESSAGES, STREAM, KEY)
    assert (anew.status, without_ids(anew.body)) == (200, b"".join(ANTHROPIC_EVENTS))
    await other.gateway.close()
    await asks.close()
