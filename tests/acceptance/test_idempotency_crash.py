"""``pointsman serve`` is killed: what it had answered under a key is replayed, and streams of it are resumed,
by our client as by itself; what it had sent is told. Told to end, it finishes what is under way first."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec

from pointsman import AsyncClient
from pointsman.caching.idempotency.idempotency import IdempotencyPolicy, Kept, asked_of
from pointsman.caching.idempotency.sqlite import SqliteIdempotency
from pointsman.client.remote import Remote
from pointsman.clock import SystemClock
from pointsman.config import load_settings
from pointsman.config.paths import database_path
from pointsman.http1 import Http1Transport, HttpRequest, HttpResponse, Timeouts
from pointsman.providers.simulated import PATHS
from tests.support.cutting import Network, cutting
from tests.support.event_ids import events_of, ids_of
from tests.support.processes import Process, running

GATEWAY = ("serve", "--port", "0", "--admin-port", "0")
KEYS = {f"{name.upper()}_API_KEY": "hs_simulated_key_that_opens_nothing" for name in PATHS}
MODEL = "claude-haiku-4-5"


class Invoice(msgspec.Struct):
    calls: list[Any]


def body_of(*, stream: bool, most: int) -> bytes:
    messages = [{"role": "user", "content": "Why?"}]
    return msgspec.json.encode({"model": MODEL, "max_tokens": most, "stream": stream, "messages": messages})


async def kept_of(home: Path, first: str, body: bytes) -> bytes | None:
    """What the file has under the key "late"."""
    database = database_path(load_settings({}, {}), {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")})
    store = SqliteIdempotency(database, IdempotencyPolicy(), owner=b"test", now_us=SystemClock().now_us)
    found = await store.claim(
        asked_of(
            b"late",
            key_id="",
            path="/v1/messages",
            query="",
            body=body,
            request_id="req_test",
            at_us=SystemClock().now_us(),
        )
    )
    await store.close()
    assert isinstance(found, Kept) and found.request_id == first
    return found.body


async def ask(
    transport: Http1Transport, url: str, key: str, *, stream: bool, most: int, behind: str = ""
) -> HttpResponse:
    body = body_of(stream=stream, most=most)
    headers = (("content-type", "application/json"), ("idempotency-key", key), ("last-event-id", behind))
    request = HttpRequest("POST", url + "/v1/messages", headers, body)
    return await transport.send(request, Timeouts(first_byte=30, idle=30))


def address(process: Process) -> str:
    return process.wait_for(r"ready at (\S+)")[1]


class Reader:
    """Our client, which reads a stream over a network that cuts it, and comes back when the gateway is there
    again."""

    PROMPT = "Tell me a story of fifty words."

    def __init__(self, network: Network) -> None:
        self._network = network
        self._again = asyncio.Event()
        backend = Remote(network.url, "", Http1Transport(), sleep=self._wait)
        self._client = AsyncClient(backend=backend)
        self._reading = asyncio.create_task(self._read())

    def go_on(self, url: str) -> None:
        """The gateway is there again."""
        self._network.target = url
        self._again.set()

    async def text(self) -> str:
        text = await self._reading
        await self._client.close()
        return text

    async def whole(self, url: str) -> str:
        """What any other client gets under its key: follows it to its end, if it is under way."""
        async with AsyncClient(base_url=url) as client:
            stream = client.stream(MODEL, self.PROMPT, max_tokens=60, idempotency_key="sdk")
            return (await stream.result()).text

    async def _read(self) -> str:
        kept: Any = {"max_tokens": 60, "idempotency_key": "sdk", "resume": True}
        async with self._client.stream(MODEL, self.PROMPT, **kept) as stream:
            return "".join([chunk.text async for chunk in stream])

    async def _wait(self, seconds: float) -> None:
        await self._again.wait()


async def test_a_key_survives_the_death_of_the_gateway(tmp_path: Path) -> None:
    transport, stack = Http1Transport(), AsyncExitStack()
    with running("simulate", "--port", "0", "--pace", "real", "--speed", "1", home=tmp_path) as simulator:
        upstream = simulator.wait_for(r"invoice: (http\S+)/invoice")[1]
        (tmp_path / "pointsman.toml").write_text(
            "\n".join(f'[providers.{name}]\nbase_url = "{upstream}{path}"\n' for name, path in PATHS.items())
        )
        with running(*GATEWAY, home=tmp_path, environ=KEYS) as gateway:
            url = address(gateway)
            first = await ask(transport, url, "whole", stream=True, most=2)
            answer = await first.read()
            assert first.status == 200
            network = await stack.enter_async_context(cutting(url, after=2_500, most=1))
            reader = Reader(network)
            await asyncio.wait_for(network.cut.wait(), 30)
            heard = await reader.whole(url)
            # both are committed by one thread, in order: once this one is begun, that one is kept
            cut = await ask(transport, url, "cut", stream=True, most=500)
            await anext(aiter(cut.chunks()))
            gateway.stop(signal.SIGKILL)
            await cut.close()
        with running(*GATEWAY, home=tmp_path, environ=KEYS) as gateway:
            url = address(gateway)
            reader.go_on(url)
            assert await reader.text() == heard == await reader.whole(url)
            again = await ask(transport, url, "whole", stream=True, most=2)
            assert (await again.read(), again.headers["idempotent-replayed"]) == (answer, "true")
            assert again.headers["x-request-id"] == first.headers["x-request-id"]
            for number, ident in enumerate(ids_of(answer), start=1):
                back = await ask(transport, url, "whole", stream=True, most=2, behind=ident)
                assert b"".join(events_of(answer)[:number]) + await back.read() == answer
            died = cut.headers["x-request-id"]
            for behind in ("", f"{died}:1"):
                told = await ask(transport, url, "cut", stream=True, most=500, behind=behind)
                said = (await told.read()).decode()
                assert (told.status, died in said, "idempotency_unknown" in said) == (409, True, True)
            known = await transport.send(
                HttpRequest("GET", f"{url}/v1/requests/{cut.headers['x-request-id']}"),
                Timeouts(first_byte=30),
            )
            assert msgspec.json.decode(await known.read())["estimated"] is True
            fresh = await ask(transport, url, "new", stream=False, most=2)
            assert (fresh.status, "idempotent-replayed" in fresh.headers) == (200, False)
            await fresh.read()
            late = await ask(transport, url, "late", stream=True, most=60)
            chunks = aiter(late.chunks())
            had = await anext(chunks)
            gateway.send(signal.SIGTERM)
            had += b"".join([chunk async for chunk in chunks])
            assert gateway.stop()[0] == 0
        request = HttpRequest("GET", f"{upstream}/invoice")
        invoice = msgspec.json.decode(
            await (await transport.send(request, Timeouts(first_byte=30))).read(), type=Invoice
        )
        assert len(invoice.calls) == 5, "whole, sdk, cut, new, late: each once"
        assert await kept_of(tmp_path, late.headers["x-request-id"], body_of(stream=True, most=60)) == had
    await transport.close()
    await stack.aclose()
