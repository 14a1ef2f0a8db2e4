"""The store that replicas share, over a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import msgspec
import pytest

from pointsman.caching.idempotency.idempotency import Begun
from pointsman.caching.idempotency.redis import RedisIdempotency
from pointsman.caching.shared.encryption import read_keys
from pointsman.caching.shared.envelope import Envelopes
from pointsman.errors import ServerBusy
from pointsman.secret import Secret
from pointsman.storage.redis import RedisLine
from tests.support.idempotency_contract import HOUR, POLICY, IdempotencyContract, asked, kept
from tests.support.redis_server import RedisServer, redis_server

PREFIXES = count()
KEY = Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def prefix() -> str:
    return f"test{next(PREFIXES)}"


def open_at(
    server: RedisServer, prefix: str, owner: str = "one", envelopes: Envelopes | None = None
) -> RedisIdempotency:
    line = RedisLine(Secret(server.url), timeout=1.0)
    return RedisIdempotency(line, envelopes or Envelopes(), POLICY, prefix=prefix, owner=owner)


class TestRedisIdempotency(IdempotencyContract):
    @pytest.fixture(autouse=True)
    def place(self, server: RedisServer, prefix: str) -> None:
        self.server, self.prefix = server, prefix

    def open(self) -> RedisIdempotency:
        return open_at(self.server, self.prefix)


async def test_two_processes_never_both_begin_and_share_what_is_kept(
    server: RedisServer, prefix: str
) -> None:
    one, other = open_at(server, prefix), open_at(server, prefix, "other")
    assert await one.claim(asked(1)) is None
    there = await other.claim(asked(2))
    assert there == Begun(asked(1).fingerprint, "req_1", alive=True, elsewhere=True)
    await one.finish(asked(1), kept(asked(1), b"{}", streamed=True))
    assert await other.claim(asked(2)) == kept(asked(1), b"{}", streamed=True)
    for store in (one, other):
        await store.close()


async def test_of_a_process_that_died_it_is_known_that_it_is_not_alive(
    server: RedisServer, prefix: str
) -> None:
    one, other = open_at(server, prefix), open_at(server, prefix, "other")
    await one.claim(asked(1))
    await one.close()
    await other._line.ask("DEL", f"{{{prefix}}}:idempotency:owner:one")  # its lease is over
    there = await other.claim(asked(2))
    assert there == Begun(asked(1).fingerprint, "req_1", alive=False, elsewhere=True)
    await other.close()


async def test_while_a_process_is_alive_its_request_is_not_over(server: RedisServer, prefix: str) -> None:
    one, other = open_at(server, prefix), open_at(server, prefix, "other")
    await one.claim(asked(1))
    assert isinstance(await other.claim(asked(2, at=25 * HOUR)), Begun)
    for store in (one, other):
        await store.close()


async def test_a_claim_that_is_sent_twice_is_one(server: RedisServer, prefix: str) -> None:
    store = open_at(server, prefix)
    assert await store.claim(asked(1)) is None
    assert await store.claim(asked(1)) is None
    await store.close()


async def test_contents_are_encrypted_where_there_is_a_key(server: RedisServer, prefix: str) -> None:
    keys = read_keys(KEY, lambda size: bytes(size), "cache.encryption_key")
    store = open_at(server, prefix, envelopes=Envelopes(keys))
    await store.claim(asked(1))
    await store.finish(asked(1), kept(asked(1), b"nobody may read this"))
    found = await store.claim(asked(2))
    assert found == kept(asked(1), b"nobody may read this")
    stored = await store._line.ask("HGET", f"{{{prefix}}}:idempotency:{asked(1).ident.hex()}", "b")
    assert b"nobody" not in stored
    plain = open_at(server, prefix)
    unread = await plain.claim(asked(2))
    assert unread == msgspec.structs.replace(kept(asked(1)), body=None)
    for each in (store, plain):
        await each.close()


async def test_without_the_server_nothing_is_promised() -> None:
    line = RedisLine(Secret("unix:///nowhere"), timeout=0.05)
    store = RedisIdempotency(line, Envelopes(), POLICY, prefix="p", owner="o")
    with pytest.raises(ServerBusy, match="Requests without a key go on"):
        await store.claim(asked(1))
    await store.close()
