from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from pointsman.caching.shared.answers import Kept
from pointsman.caching.shared.flights import End, Met
from pointsman.caching.shared.redis import Probe
from pointsman.errors import ConfigurationError
from tests.support.redis_server import redis_server
from tests.support.shared_flights_contract import HEAD, all_of, lead_of
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
        lead = await lead_of(one.flights, b"f" * 32)
        assert lead is not None
        lead.head(HEAD)
        lead.end(End(stored=True))
        one.answers.put(b"k" * 32, b"answer", ttl=60, tenant="t", model="m")
        await one.close()
        found = await other.answers.get(b"k" * 32)
        assert found is not None and found.body == b"answer"
        assert await all_of(other.flights, b"f" * 32) == [HEAD, End(stored=True)]
        assert other.answers.view().encrypted
        await other.close()


async def test_it_is_tried_out_whether_answers_can_be_shared() -> None:
    with redis_server("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru") as server:
        sharing = Lines(server.url, "p")
        assert await sharing.probe() == Probe("", 100 << 20, "allkeys-lru")
        await sharing.tells.ask("ACL", "SETUSER", "default", "-set")
        assert "no permissions" in (await sharing.probe()).trouble.lower()
        await sharing.close()


async def test_an_answer_is_found_or_who_makes_the_call_in_one_round_trip() -> None:
    with redis_server() as server:
        one, other = (Lines(server.url, "p") for _ in range(2))
        keys, flight = [b"k" * 32, b"l" * 32], b"f" * 32
        led = await one.find_or_meet(keys, flight)
        assert isinstance(led, Met) and led.lead is not None
        await other.answers.get(b"w" * 32)
        for lines in (one, other) * 3:
            await lines.tells.ask("PING")  # they have counted what is there
        before = await _commands(one)
        followed = await other.find_or_meet(keys, flight)
        assert isinstance(followed, Met) and followed.follow is not None
        assert await _commands(one) - before == 2, "the one, and this question"
        one.answers.put(keys[1], b"answer", ttl=60, tenant="t", model="m")
        await one.answers.settled()
        found = await other.find_or_meet(keys, b"g" * 32)
        assert isinstance(found, Kept) and (found.which, found.found.body) == (1, b"answer")
        free = await one.find_or_meet(keys[:1], b"g" * 32)
        assert isinstance(free, Met) and free.lead is not None, "who found an answer does not lead"
        views = [lines.view() for lines in (one, other)]
        assert [(view.hits, view.misses) for view in views] == [(0, 2), (1, 2)]
        await one.close()
        await other.close()
        assert await other.find_or_meet(keys, flight) is None


async def test_an_answer_that_cannot_be_read_is_none() -> None:
    with redis_server() as server:
        plain, encrypts = Lines(server.url, "p"), Lines(server.url, "p", keys=b64encode(b"k" * 32).decode())
        plain.answers.put(b"k" * 32, b"answer", ttl=60, tenant="t", model="m")
        await plain.answers.settled()
        met = await encrypts.find_or_meet([b"k" * 32], b"f" * 32)
        assert isinstance(met, Met) and met.lead is not None
        assert encrypts.view().unreadable == {"not_encrypted": 1}
        await plain.close()
        await encrypts.close()


async def test_an_answer_is_looked_for_though_calls_cannot_be_told_of() -> None:
    with redis_server() as server:
        one = Lines(server.url, "p")
        one.answers.put(b"k" * 32, b"answer", ttl=60, tenant="t", model="m")
        await one.answers.settled()
        await one.tells.close()
        found = await one.find_or_meet([b"l" * 32, b"k" * 32], b"f" * 32)
        assert isinstance(found, Kept) and found.which == 1
        assert await one.find_or_meet([b"l" * 32], b"f" * 32) is None
        await one.close()


SCRIPTS_AND_THIS = ("cmdstat_eval", "cmdstat_evalsha", "cmdstat_info")


async def _commands(lines: Lines) -> int:
    told: Any = await lines.asks.ask("INFO", "commandstats")
    return sum(each["calls"] for name, each in told.items() if name in SCRIPTS_AND_THIS)
