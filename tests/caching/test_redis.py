from __future__ import annotations

from base64 import b64encode

import pytest

from pointsman.caching.redis import Probe
from pointsman.caching.shared_flights import End
from pointsman.errors import ConfigurationError
from tests.support.redis_server import redis_server
from tests.support.shared_flights_contract import HEAD
from tests.support.shared_lines import Lines


@pytest.mark.parametrize(
    ("url", "keys", "param"),
    [
        ("http://somewhere", None, "redis.url"),
        ("redis://127.0.0.1:1", "hunter2", "cache.encryption_key"),
    ],
)
def test_what_is_wrong_is_said_at_once_and_not_shown(url: str, keys: str | None, param: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Lines(url, "p", keys=keys)
    assert caught.value.param == param
    assert "hunter2" not in caught.value.message and "somewhere" not in caught.value.message


async def test_one_that_was_never_asked_is_closed_without_a_server() -> None:
    sharing = Lines("redis://127.0.0.1:1", "p", timeout=0.01)
    assert sharing.answers.view().connected is False
    await sharing.close()
    assert sharing.flights.away


async def test_what_waits_is_stored_and_told_before_it_closes() -> None:
    key = b64encode(b"k" * 32).decode()
    with redis_server() as server:
        one, other = (Lines(server.url, "p", keys=key) for _ in range(2))
        lead = await one.flights.lead(b"f" * 32)
        assert lead is not None
        lead.head(HEAD)
        lead.end(End(stored=True))
        one.answers.put(b"k" * 32, b"answer", ttl=60, tenant="t", model="m")
        await one.close()
        found = await other.answers.get(b"k" * 32)
        assert found is not None and found.body == b"answer"
        assert [item async for item in other.flights.follow(b"f" * 32)] == [HEAD, End(stored=True)]
        assert other.answers.view().encrypted
        await other.close()


async def test_it_is_tried_out_whether_answers_can_be_shared() -> None:
    with redis_server("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru") as server:
        sharing = Lines(server.url, "p")
        assert await sharing.probe() == Probe("", 100 << 20, "allkeys-lru")
        await sharing.tells.ask("ACL", "SETUSER", "default", "-set")
        assert "no permissions" in (await sharing.probe()).trouble.lower()
        await sharing.close()
