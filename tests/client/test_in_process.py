from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pointsman import AsyncClient
from pointsman.client.in_process import InProcess, build_in_process
from pointsman.errors import ConfigurationError, RateLimited, ServerBusy, UpstreamUnreachable
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.http1 import HttpRequest, Leave, Timeouts
from pointsman.ledger.durable import calls_folder
from pointsman.ledger.mmap import OpenCalls
from pointsman.providers import simulated_providers
from pointsman.simulator import Config, app
from tests.support.clients import WatchedLedger
from tests.support.open_calls import an_open_call
from tests.support.redis_server import redis_server
from tests.support.servers import serve
from tests.support.stack import settings
from tests.support.upstream import Scripted, ScriptedResponse, ScriptedTransport, Step

BODY = b'{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}'
ANSWER = (
    b'{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"Hi"}}],"usage":{"prompt_tokens":5,"completion_tokens":1}}'
)


class Waiting(ScriptedTransport):
    """Answers when the caller has left, or is let go."""

    def __init__(self, *steps: Step) -> None:
        super().__init__(*steps)
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def send(
        self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None
    ) -> ScriptedResponse:
        assert leave is not None
        leave.listen(self.let_go.set)
        self.asked.set()
        await self.let_go.wait()
        return await super().send(request, timeouts, leave)


def in_process(transport: ScriptedTransport, ledger: WatchedLedger) -> InProcess:
    gateway = build_gateway(
        settings(),
        simulated_providers("http://127.0.0.1:9"),
        ledger=ledger,
        door=OPEN_DOOR,
        environment={},
        transport=transport,
    )
    return InProcess(gateway)


async def test_a_caller_that_is_cancelled_tells_the_provider_and_is_booked() -> None:
    """The answer was under way, so what it cost is known although nobody has seen it."""
    transport, ledger = Waiting(Scripted(body=ANSWER)), WatchedLedger()
    backend = in_process(transport, ledger)
    call = asyncio.create_task(backend.send(BODY))
    await transport.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    entry = await ledger.first()
    assert (entry.outcome, entry.estimated) == ("cut", False)
    assert entry.usage is not None
    assert entry.usage.output == 1
    await backend.close()


async def test_a_stream_that_nobody_took_is_read_to_its_end_and_booked() -> None:
    events = (
        b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"By"}}]}\n\n',
        b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
        b'data: {"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}\n\n',
        b"data: [DONE]\n\n",
    )
    transport, ledger = Waiting(Scripted(body=events)), WatchedLedger()
    backend = in_process(transport, ledger)
    call = asyncio.create_task(backend.send(BODY[:-1] + b',"stream":true}'))
    await transport.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await backend.close()  # waits for it
    (entry,) = ledger.entries
    assert entry.usage is not None
    assert entry.usage.output == 1


async def test_closing_waits_for_calls_to_be_booked() -> None:
    transport, ledger = Waiting(Scripted(body=ANSWER)), WatchedLedger()
    backend = in_process(transport, ledger)
    call = asyncio.create_task(backend.send(BODY))
    await transport.asked.wait()
    await backend.close()
    assert len(ledger.entries) == 1
    assert (await call).response is not None
    assert transport.closed


async def test_a_cost_that_is_not_known_is_none() -> None:
    backend = in_process(ScriptedTransport(Scripted(body=ANSWER)), WatchedLedger())
    async with AsyncClient(backend=backend) as client:
        result = await client.chat("openai/gpt-of-tomorrow", "Hi")
    assert (result.cost, result.model, result.estimated) == (None, "gpt-of-tomorrow", False)
    assert result.usage is not None


async def test_what_was_not_reported_is_estimated_and_says_so() -> None:
    silent = ANSWER.replace(b',"usage":{"prompt_tokens":5,"completion_tokens":1}', b"")
    backend = in_process(ScriptedTransport(Scripted(body=silent)), WatchedLedger())
    async with AsyncClient(backend=backend) as client:
        result = await client.chat("gpt-4o", "Hi")
    assert (result.usage, result.estimated) == (None, True)
    assert result.cost is not None
    assert result.cost > 0


async def test_a_request_that_is_not_known_has_not_settled() -> None:
    backend = in_process(ScriptedTransport(), WatchedLedger())
    assert await backend.settled("req_unknown") is None
    await backend.close()


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.toml"
    file.write_text("[retries]\natempts = 1\n")
    with pytest.raises(ConfigurationError, match=r"retries\.atempts"):
        build_in_process(config=str(file), ledger=None, simulator_url=None, environment={})


async def test_with_a_file_for_a_ledger_calls_outlive_the_process(tmp_path: Path) -> None:
    """What an earlier process left is settled, and what fails of this one's is booked and left nowhere."""
    database = tmp_path / "mine.db"
    left = OpenCalls(calls_folder(database))
    left.begin(an_open_call("req_left"))
    left.close()
    (tmp_path / "empty.toml").write_text("[retries]\nattempts = 1\n")
    backend = build_in_process(
        config=str(tmp_path / "empty.toml"),
        ledger=str(database),
        simulator_url="http://127.0.0.1:9",
        environment={},
    )
    assert (await backend.settled("req_left")) is not None
    assert len(list(calls_folder(database).iterdir())) == 1
    with pytest.raises(UpstreamUnreachable):
        await backend.send(BODY)
    await backend.close()
    assert list(calls_folder(database).iterdir()) == []


async def test_clients_in_several_processes_share_limits_where_the_settings_name_a_redis(
    tmp_path: Path,
) -> None:
    """Here in one process; what they share is in Redis all the same."""
    with redis_server() as server:
        file = tmp_path / "pointsman.toml"
        file.write_text(
            f'[redis]\nurl = "{server.url}"\ntimeout = 1.0\n'
            "[queue]\nmax_wait = 0\nslack = 0\n[limits.gpt-4o]\nrpm = 2\n"
        )
        async with serve(app(Config())) as simulator:
            one, two = (
                build_in_process(config=str(file), ledger=None, simulator_url=simulator, environment={})
                for _ in range(2)
            )
            await asyncio.gather(one.send(BODY), two.send(BODY))
            for backend in (one, two):
                with pytest.raises(RateLimited, match="2 requests a minute"):
                    await backend.send(BODY)
            server.freeze()
            with pytest.raises((RateLimited, ServerBusy)):
                await asyncio.wait_for(one.send(BODY), 5)
            for backend in (one, two):
                await asyncio.wait_for(backend.close(), 5)
