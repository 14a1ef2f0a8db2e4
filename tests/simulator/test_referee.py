"""Many clients at once, some of which leave, under faults: the invoice is what went over the wire."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import msgspec

from tests.support.raw_http import RawConnection
from tests.support.simulated import (
    ANTHROPIC_PATH,
    KEY,
    OPENAI_PATH,
    VERSION,
    anthropic_body,
    calls,
    openai_body,
    simulated,
)

FAULTS = "429:0.05,500:0.05,reset:0.1,malformed:0.05"
REQUESTS = 240
CLIENTS = 24
OPENAI_MARK = b'"delta":{"content":'
ANTHROPIC_MARK = b'"delta":{"type":"text_delta"'


def _complete(data: bytes) -> bool:
    refused = bool(data) and not data.startswith(b"HTTP/1.1 200")
    return refused or data.endswith(b"\r\n0\r\n\r\n")


async def _ask(base_url: str, number: int, dice: random.Random) -> tuple[str, int]:
    """Stream one answer, perhaps leave it early, and count the tokens that came, also while leaving."""
    openai = dice.random() < 0.5
    prompt = f"Tell me about train {number}"
    body = openai_body(prompt, stream=True) if openai else anthropic_body(prompt, stream=True)
    mark = OPENAI_MARK if openai else ANTHROPIC_MARK
    name = f"client-{number}"
    connection = await RawConnection.open(base_url)
    path = OPENAI_PATH if openai else ANTHROPIC_PATH
    headers = KEY | VERSION | {"x-client-request-id": name}
    await connection.send("POST", path, msgspec.json.encode(body), headers)
    stay = dice.randint(0, 60) if dice.random() < 0.4 else None
    data = b""
    try:
        if stay is None:
            data = (await connection.receive()).body
        else:
            while data.count(mark) < stay and not _complete(data):
                piece = await connection.reader.read(2048)
                if not piece:
                    break
                data += piece
            with suppress(OSError):  # it was reset meanwhile; what came before can still be read
                connection.writer.write_eof()
            while piece := await connection.reader.read(2048):  # read() would lose all of it to a reset
                data += piece
    except ConnectionError:
        data += connection.left_over()
    await connection.close()
    return name, data.count(mark)


async def test_every_call_is_billed_for_what_was_written() -> None:
    async with simulated(FAULTS, seed=3) as (simulator, base_url):
        numbers = iter(range(REQUESTS))

        async def client(seed: int) -> list[tuple[str, int]]:
            dice = random.Random(seed)
            return [await _ask(base_url, number, dice) for number in numbers]

        async with asyncio.timeout(60):
            tallies = await asyncio.gather(*map(client, range(CLIENTS)))
            billed: dict[str, Any] = {
                call["client_request_id"]: call for call in await calls(base_url, REQUESTS)
            }
        assert simulator.service.in_flight == 0
    counted = dict(pair for tally in tallies for pair in tally)
    assert counted.keys() == billed.keys()
    outcomes = {call["outcome"] for call in billed.values()}
    assert outcomes == {"ok", "cut", "rejected", "failed", "reset", "malformed"}
    assert {name: call["output"] for name, call in billed.items()} == counted
    assert all(call["output"] == call["delivered"] for call in billed.values())
