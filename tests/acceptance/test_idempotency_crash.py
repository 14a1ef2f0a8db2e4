"""``pointsman serve`` is killed: what it had answered under a key is replayed, and streams of it are resumed;
what it had sent is told."""

from __future__ import annotations

import signal
from pathlib import Path

import msgspec

from pointsman.http1 import Http1Transport, HttpRequest, HttpResponse, Timeouts
from pointsman.providers.simulated import PATHS
from tests.support.event_ids import events_of, ids_of
from tests.support.processes import Process, running

GATEWAY = ("serve", "--port", "0", "--admin-port", "0")
KEYS = {f"{name.upper()}_API_KEY": "hs_simulated_key_that_opens_nothing" for name in PATHS}
MODEL = "claude-haiku-4-5"


async def ask(
    transport: Http1Transport, url: str, key: str, *, stream: bool, most: int, behind: str = ""
) -> HttpResponse:
    body = {
        "model": MODEL,
        "max_tokens": most,
        "stream": stream,
        "messages": [{"role": "user", "content": "Why?"}],
    }
    headers = (("content-type", "application/json"), ("idempotency-key", key), ("last-event-id", behind))
    request = HttpRequest("POST", url + "/v1/messages", headers, msgspec.json.encode(body))
    return await transport.send(request, Timeouts(first_byte=30, idle=30))


def address(process: Process) -> str:
    return process.wait_for(r"ready at (\S+)")[1]


async def test_a_key_survives_the_death_of_the_gateway(tmp_path: Path) -> None:
    transport = Http1Transport()
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
            # both are committed by one thread, in order: once this one is begun, that one is kept
            cut = await ask(transport, url, "cut", stream=True, most=500)
            await anext(aiter(cut.chunks()))
            gateway.stop(signal.SIGKILL)
            await cut.close()
        with running(*GATEWAY, home=tmp_path, environ=KEYS) as gateway:
            url = address(gateway)
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
            gateway.stop()
    await transport.close()
