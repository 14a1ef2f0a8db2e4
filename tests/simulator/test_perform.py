"""What is written to the connection is what is on the invoice, however the call ends."""

import asyncio
from typing import Any

import msgspec
import pytest

from pointsman.tokens import count_text
from tests.support.raw_http import Exchange, RawConnection
from tests.support.simulated import (
    ANTHROPIC_PATH,
    KEY,
    VERSION,
    anthropic_body,
    ask_anthropic,
    ask_openai,
    calls,
    invoice,
    openai_body,
    simulated,
)

ASKS = {"openai": ask_openai, "anthropic": ask_anthropic}


def _shown_tokens(got: Exchange) -> int:
    """Content deltas of a stream; each is one token."""
    return got.body.count(b'"delta":{"content":') + got.body.count(b"content_block_delta\n")


@pytest.mark.parametrize("family", ASKS)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_whole_answer_is_billed_as_it_was_reported(family: str, stream: bool) -> None:
    async with simulated() as (_, base_url):
        got = await ASKS[family](base_url, stream=stream)
        assert (got.status, got.ending) == (200, "whole")
        (call,) = (await invoice(base_url))["calls"]
    assert call["outcome"] == "ok"
    assert call["usage_reported"] is True
    assert call["output"] == call["delivered"] > 0
    if stream:
        assert _shown_tokens(got) == call["output"]
    else:
        usage = got.json()["usage"]
        assert usage.get("output_tokens", usage.get("completion_tokens")) == call["output"]
        assert usage.get("input_tokens", usage.get("prompt_tokens")) == call["input"]


@pytest.mark.parametrize("family", ASKS)
@pytest.mark.parametrize("after", [0, 1, 7, 100_000])
async def test_a_reset_stream_is_billed_for_what_was_written(family: str, after: int) -> None:
    async with simulated(f"reset:1:after={after}") as (_, base_url):
        got = await ASKS[family](base_url, stream=True)
        (call,) = (await invoice(base_url))["calls"]
    assert got.ending == "reset"
    assert call["outcome"] == "reset"
    assert call["output"] == call["delivered"] == _shown_tokens(got)
    if after < 100:
        assert call["output"] == after
    assert call["input"] > 0
    assert call["status"] == (200 if after else 0) == got.status
    assert call["usage_reported"] is False


@pytest.mark.parametrize("family", ASKS)
@pytest.mark.parametrize("fault", ["reset:1:after=9", "malformed:1:after=9"])
async def test_a_broken_whole_answer_holds_the_billed_tokens(family: str, fault: str) -> None:
    async with simulated(fault) as (_, base_url):
        got = await ASKS[family](base_url)
        (call,) = (await invoice(base_url))["calls"]
    assert got.status == 200
    assert call["output"] == 9
    assert count_text(got.body.decode()) >= 9
    assert b'"usage"' not in got.body
    with pytest.raises(msgspec.DecodeError):
        got.json()


@pytest.mark.parametrize("family", ASKS)
async def test_a_malformed_stream_ends_without_its_end(family: str) -> None:
    async with simulated("malformed:1:after=5") as (_, base_url):
        got = await ASKS[family](base_url, stream=True)
        (call,) = (await invoice(base_url))["calls"]
    assert got.ending == "whole"
    last = got.body.rstrip().rsplit(b"data: ", 1)[1]
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(last)
    assert (call["outcome"], call["output"]) == ("malformed", 5)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_stalled_answer_waits_for_the_client_to_leave(stream: bool) -> None:
    async with simulated("stall:1:after=4") as (simulator, base_url):
        connection = await RawConnection.open(base_url)
        await connection.send("POST", ANTHROPIC_PATH, _json(anthropic_body(stream=stream)), KEY | VERSION)
        await connection.reader.readuntil(b"\r\n\r\n")
        if stream:
            for _ in range(4):
                await connection.reader.readuntil(b"content_block_delta\n")
        else:
            await connection.reader.readuntil(b'"text":"')
        assert simulator.service.in_flight == 1
        await connection.close()
        (call,) = await calls(base_url, 1)
    assert (call["outcome"], call["output"], call["usage_reported"]) == ("stalled", 4, False)


@pytest.mark.parametrize("family", ASKS)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_stall_that_ends_goes_on_as_if_nothing_had_been(family: str, stream: bool) -> None:
    async with simulated("stall:at=1:after=4:seconds=0.05") as (_, base_url):
        stalled = await ASKS[family](base_url, stream=stream)
        clean = await ASKS[family](base_url, stream=stream)
        first, second = (await invoice(base_url))["calls"]
    assert (stalled.status, stalled.ending) == (200, "whole")
    assert first["outcome"] == second["outcome"] == "ok"
    assert first["output"] == second["output"]
    assert len(stalled.body) == len(clean.body)


@pytest.mark.parametrize("half", [True, False])
async def test_a_client_that_leaves_stops_the_meter(half: bool) -> None:
    """The client sends FIN after some tokens, then drains what was in flight: not one more is billed."""
    async with simulated(pace="real", speed=4.0) as (_, base_url):
        connection = await RawConnection.open(base_url)
        await connection.send("POST", ANTHROPIC_PATH, _json(anthropic_body(stream=True)), KEY | VERSION)
        seen = 0
        while seen < 6:
            await connection.reader.readuntil(b"content_block_delta\n")
            seen += 1
        if half:
            connection.writer.write_eof()
            seen += (await connection.reader.read()).count(b"content_block_delta\n")
        await connection.close()
        (call,) = await calls(base_url, 1)
    assert call["outcome"] == "cut"
    assert call["usage_reported"] is False
    assert call["output"] == call["delivered"] >= 6
    if half:
        assert call["output"] == seen
    assert call["output"] < 60


async def test_a_client_that_leaves_a_flood_is_billed_for_what_was_written() -> None:
    async with simulated() as (_, base_url):
        connection = await RawConnection.open(base_url)
        body = openai_body("Tell me everything about trains.", stream=True)
        await connection.send("POST", "/openai/v1/chat/completions", _json(body), KEY)
        text = await connection.reader.readuntil(b'"delta":{"content":')
        connection.writer.write_eof()
        text += await connection.reader.read()
        await connection.close()
        (call,) = await calls(base_url, 1)
    assert call["output"] == text.count(b'"delta":{"content":')
    assert call["usage_reported"] == (b"[DONE]" in text)


async def test_an_unfinished_whole_answer_is_billed_as_far_as_it_was_made() -> None:
    async with simulated("slow:1:factor=1000", pace="real", speed=1000.0) as (simulator, base_url):
        connection = await RawConnection.open(base_url)
        await connection.send("POST", "/openai/v1/chat/completions", _json(openai_body()), KEY)
        async with asyncio.timeout(5):
            while not (await invoice(base_url))["in_flight"]:
                assert not simulator.service.invoice
        await connection.close()
        (call,) = await calls(base_url, 1)
    assert (call["outcome"], call["status"], call["delivered"]) == ("cut", 0, 0)
    assert call["input"] > 0


async def test_the_pace_is_kept() -> None:
    async with simulated(pace="real", speed=10.0) as (_, base_url):
        loop = asyncio.get_running_loop()
        began = loop.time()
        got = await ask_openai(base_url, stream=True, max_completion_tokens=20)
        slow = loop.time() - began
        assert _shown_tokens(got) == 20
    assert 0.02 < slow < 2.0


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
