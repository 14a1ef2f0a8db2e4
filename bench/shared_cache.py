"""Answers that replicas share: a hit in Valkey beside one in memory, end to end over HTTP; a miss with
sharing beside one without; and what telling an answer under way to others costs.

.venv/bin/python -m bench.shared_cache --hits 3000
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import secrets
import time
from base64 import b64encode
from collections import Counter
from statistics import quantiles
from typing import Any

import msgspec

from pointsman.caching.shared.flights import End, Head
from pointsman.caching.shared.redis import RedisSharing
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from pointsman.secret import Secret
from tests.support.equal_requests import caching, cold
from tests.support.gateway import CHAT, Rig
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.redis_server import redis_server
from tests.support.servers import serve
from tests.support.upstream import Scripted

_TIMEOUTS = Timeouts(connect=5.0, first_byte=5.0, idle=5.0, total=10.0)
_TURNS = 8
_SENTENCE = "The light of the sun is scattered by the air, and blue light more than red. "
_ANSWER = OPENAI_WHOLE.replace(b'"Because."', msgspec.json.encode(_SENTENCE * 20))


def sharing(url: str, key: str | None) -> RedisSharing:
    secret = None if key is None else Secret(key)
    return RedisSharing(Secret(url), timeout=1.0, lease=10.0, prefix="bench", most=1 << 30, keys=secret)


async def hits(url: str, count: int, key: str | None) -> None:
    """One gateway is asked first and stores; the other is asked each question twice: its first answer comes
    from Valkey, its second from memory. In turn, so that what else the machine does hits both."""
    given = caching(coalesce=True)
    first, second = (
        Rig(otherwise=Scripted(body=_ANSWER), given=given, sharing=sharing(url, key)) for _ in range(2)
    )
    questions = [msgspec.json.encode(cold(OPENAI_MODEL, f"question {number}")) for number in range(count)]
    for body in questions:
        await first.post(CHAT, body)
    transport = Http1Transport()
    times: dict[str, list[float]] = {"Valkey": [], "memory": []}
    used: Counter[str] = Counter()
    said: Counter[str] = Counter()
    async with serve(second.gateway.app) as base:

        async def ask(body: bytes, where: str | None) -> None:
            request = HttpRequest("POST", base + CHAT, (("content-type", "application/json"),), body)
            begun, used_before = time.perf_counter(), time.process_time_ns()
            response = await transport.send(request, _TIMEOUTS)
            await response.read()
            if where is not None:
                times[where].append(time.perf_counter() - begun)
                used[where] += time.process_time_ns() - used_before
                said[response.headers["x-pointsman-cache"]] += 1

        for body in questions[:50]:
            await ask(body, None)
        for body in questions[50:]:
            await ask(body, "Valkey")
            await ask(body, "memory")
    await transport.close()
    await first.gateway.close()
    await second.gateway.close()
    assert said == {"hit": 2 * (count - 50)}, said
    how = "encrypted" if key is not None else "plain"
    middle = {}
    for where, taken in times.items():
        cuts = quantiles(taken, n=100)
        middle[where] = (cuts[49], cuts[98])
        cpu = used[where] / len(taken) / 1e3
        print(
            f"{how}, hit in {where}: p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms, "
            f"{cpu:.0f} µs of CPU with its client"
        )
    there, here = middle["Valkey"], middle["memory"]
    print(f"{how}: {there[0] / here[0]:.1f} times at p50, {there[1] / here[1]:.1f} times at p99")


async def misses(url: str, count: int) -> None:
    """In the gateway's application, without sockets but those to Valkey: CPU of a miss with ten under way,
    the least of all turns; and the time of one alone."""
    for streams in (False, True):
        body: Any = OPENAI_EVENTS if streams else OPENAI_WHOLE
        rigs = {
            name: Rig(otherwise=Scripted(body=body), given=caching(max_bytes=1 << 20), sharing=shared)
            for name, shared in (("alone", None), ("shared", sharing(url, None)))
        }
        used: dict[str, list[float]] = {name: [] for name in rigs}
        took: dict[str, list[float]] = {name: [] for name in rigs}
        questions = (
            cold(OPENAI_MODEL, f"miss {number} {streams}", stream=streams) for number in itertools.count()
        )
        for _ in range(_TURNS):
            for name, rig in rigs.items():
                bodies = [msgspec.json.encode(next(questions)) for _ in range(count)]
                before = time.process_time()
                for at in range(0, count, 10):
                    await asyncio.gather(*(rig.post(CHAT, each) for each in bodies[at : at + 10]))
                used[name].append((time.process_time() - before) / count)
                for _ in range(20):
                    begun = time.perf_counter()
                    await rig.post(CHAT, msgspec.json.encode(next(questions)))
                    took[name].append(time.perf_counter() - begun)
                rig.transport.requests.clear()
                rig.transport.responses.clear()
        for rig in rigs.values():
            await rig.gateway.close()
        cpu = {name: min(each) for name, each in used.items()}
        middle = {name: quantiles(each, n=2)[0] for name, each in took.items()}
        print(
            f"miss of {'a stream' if streams else 'a whole answer'}: "
            f"{cpu['shared'] * 1e6:.0f} µs of CPU shared, {cpu['alone'] * 1e6:.0f} alone "
            f"({cpu['shared'] / cpu['alone']:.2f} times); "
            f"p50 {middle['shared'] * 1e3:.2f} ms shared, {middle['alone'] * 1e3:.2f} alone"
        )


async def telling(url: str, pieces: int) -> None:
    """A stream that comes as fast as it can, told to one other process."""
    one, other = sharing(url, None), sharing(url, None)
    led, followed = await one.flights.meet(b"k"), await other.flights.meet(b"k")
    assert led is not None and followed is not None
    lead, follow = led.lead, followed.follow
    assert lead is not None and follow is not None
    lead.head(Head("openai_chat", 200, True, ()))
    following = follow.items()
    await anext(following)
    piece = b"data: " + msgspec.json.encode({"choices": [{"delta": {"content": _SENTENCE[:24]}}]}) + b"\n\n"
    before = await commands(one)
    begun, used = time.perf_counter(), time.process_time()

    async def tell() -> None:
        for number in range(pieces):
            lead.put(piece)
            if number % 20 == 0:
                await asyncio.sleep(0.001)
        lead.end(End())

    told = asyncio.create_task(tell())
    got = [item async for item in following]
    await told
    assert len(got) == pieces + 1
    took, cpu = time.perf_counter() - begun, time.process_time() - used
    sent = await commands(one) - before
    print(
        f"{pieces:,} pieces told and followed in {took:.2f} s: {sent} commands, "
        f"{cpu / pieces * 1e6:.1f} µs of CPU a piece, both sides"
    )
    await one.close()
    await other.close()


async def commands(lines: RedisSharing) -> int:
    told: Any = await lines.asks.ask("INFO", "stats")
    return int(told["total_commands_processed"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.shared_cache", description=__doc__)
    parser.add_argument("--hits", type=int, default=3_000)
    parser.add_argument("--misses", type=int, default=200, help="in each of eight turns")
    parser.add_argument("--pieces", type=int, default=20_000)
    asked = parser.parse_args()
    for key in (None, b64encode(secrets.token_bytes(32)).decode()):
        with redis_server() as server:
            asyncio.run(hits(server.url, asked.hits, key))
    with redis_server() as server:
        asyncio.run(misses(server.url, asked.misses))
    with redis_server() as server:
        asyncio.run(telling(server.url, asked.pieces))


if __name__ == "__main__":
    main()
