"""The real process, on uvloop: what it prints, how it breaks connections, how it stops."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from pointsman.errors import ConfigurationError
from pointsman.simulator import Config, app
from pointsman.simulator.server import run
from tests.support.raw_http import RawConnection
from tests.support.simulated import (
    ANTHROPIC_PATH,
    KEY,
    VERSION,
    anthropic_body,
    ask_anthropic,
    ask_openai,
    calls,
    invoice,
)


@asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from pointsman.cli.main import main; main()",
        "simulate",
        "--port=0",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert "ready" in line
        yield process, line.split("http://")[1].split("/")[0].join(("http://", ""))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_bills_breaks_and_stops() -> None:
    faults = "reset:at=1:after=6,stall:at=3:after=3"
    async with _process("--pace=none", f"--faults={faults}") as (process, base_url):
        reset = await ask_openai(base_url, stream=True)
        assert (reset.ending, reset.body.count(b'"delta":{"content":')) == ("reset", 6)
        assert (await ask_anthropic(base_url, stream=True)).ending == "whole"
        connection = await RawConnection.open(base_url)
        body = msgspec.json.encode(anthropic_body(stream=True))
        await connection.send("POST", ANTHROPIC_PATH, body, KEY | VERSION)
        for _ in range(3):
            await connection.reader.readuntil(b"content_block_delta\n")
        connection.writer.write_eof()
        assert b"content_block_delta\n" not in await connection.reader.read()
        await connection.close()
        outcomes = [(call["outcome"], call["output"]) for call in await calls(base_url, 3)]
        assert outcomes[0] == ("reset", 6)
        assert outcomes[1][0] == "ok"
        assert outcomes[2] == ("stalled", 3)
        idle = await RawConnection.open(base_url)
        loop = asyncio.get_running_loop()
        began = loop.time()
        process.send_signal(signal.SIGTERM)
        _, stderr = await asyncio.wait_for(process.communicate(), 5)
        assert loop.time() - began < 1.5
        await idle.close()
    assert (process.returncode, stderr) == (0, b"")


async def test_it_stops_in_the_midst_of_an_answer() -> None:
    async with _process("--faults=stall:1") as (process, base_url):
        asking = asyncio.create_task(ask_openai(base_url, stream=True))
        async with asyncio.timeout(5):
            while not (await invoice(base_url))["in_flight"]:
                assert not asking.done()
        process.send_signal(signal.SIGINT)
        assert (await asyncio.wait_for(asking, 5)).ending in ("closed", "reset")
        _, stderr = await asyncio.wait_for(process.communicate(), 5)
    assert (process.returncode, stderr) == (0, b"")


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port}.*--port"):
            run(app(Config()), "127.0.0.1", port, print)
