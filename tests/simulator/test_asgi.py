import asyncio
from typing import Any

import pytest

from pointsman.simulator import Config, app
from pointsman.simulator.asgi import MOST_BYTES
from tests.support.raw_http import RawConnection, exchange
from tests.support.simulated import ANTHROPIC_PATH, KEY, OPENAI_PATH, VERSION, ask_openai, invoice, simulated


async def test_plain_places() -> None:
    async with simulated() as (_, base_url):
        for method, path, status in (
            ("GET", "/", 200),
            ("GET", "/invoice", 200),
            ("GET", "/nowhere", 404),
            ("POST", "/", 404),
            ("GET", OPENAI_PATH, 405),
            ("POST", "/openai/v1/models", 405),
            ("GET", "/openai/v1/models", 401),
        ):
            assert (await exchange(base_url, path, method=method)).status == status, path
        help_text = (await exchange(base_url, "/", method="GET")).body.decode()
        assert all(base in help_text for base in ("/openai/v1", "/anthropic", "/gemini", "/deepseek"))


async def test_the_invoice_can_be_summed_and_forgotten() -> None:
    async with simulated() as (_, base_url):
        await ask_openai(base_url)
        await ask_openai(base_url)
        full, summary = await invoice(base_url), await invoice(base_url, "?summary=1")
        assert set(full) >= {"calls", "total_usd", "rejected_429"}
        assert summary["count"] == 2
        assert summary["total_usd"] == full["total_usd"] != "0"
        assert (await exchange(base_url, "/invoice/reset")).status == 200
        assert await invoice(base_url) == {**full, "calls": [], "total_usd": "0"}


async def test_what_is_taken_of_the_limits_can_be_asked_for() -> None:
    async with simulated(rpm=1, concurrency=5) as (_, base_url):
        await ask_openai(base_url)
        await ask_openai(base_url)
        (model,) = (await exchange(base_url, "/limits", method="GET")).json()["models"]
    assert (model["provider"], model["model"]) == ("openai", "gpt-4o")
    assert model["rejected_429"] == {"requests": 1}
    assert model["limits"]["requests"] | {"used": 1} == {"limit": 1, "used": 1, "peak": 1, "total": 1}
    assert model["limits"]["concurrency"] == {"limit": 5, "used": 0, "peak": 1, "total": 1}


async def test_the_ids_of_both_sides_are_on_the_invoice() -> None:
    async with simulated() as (_, base_url):
        headers = KEY | VERSION | {"x-client-request-id": "req-7-1"}
        got = await exchange(base_url, ANTHROPIC_PATH, b"{}", headers=headers)
        (call,) = (await invoice(base_url))["calls"]
    assert call["client_request_id"] == "req-7-1"
    assert call["request_id"] == got.headers["request-id"] == got.json()["request_id"]


async def test_a_body_that_is_too_long() -> None:
    async with simulated() as (_, base_url):
        connection = await RawConnection.open(base_url)
        sending = asyncio.create_task(connection.send("POST", OPENAI_PATH, b" " * (MOST_BYTES + 1), KEY))
        got = await connection.receive()
        assert got.status == 413
        sending.cancel()
        await connection.close()
        (call,) = (await invoice(base_url))["calls"]
    assert (call["status"], call["outcome"]) == (413, "rejected")


async def test_stop_ends_what_is_still_being_answered() -> None:
    async with simulated("stall:1:after=2") as (simulator, base_url):
        asking = asyncio.create_task(ask_openai(base_url, stream=True))
        async with asyncio.timeout(5):
            while not (await invoice(base_url))["in_flight"]:
                assert not asking.done()
        simulator.stop()
        assert (await asyncio.wait_for(asking, 5)).ending in ("closed", "reset")
    (call,) = simulator.service.invoice.report(in_flight=0, summary=False)["calls"]
    assert call.outcome == "stalled"


async def test_only_http() -> None:
    async def never(*_: Any) -> Any:
        raise AssertionError("nothing is to be read or sent")

    with pytest.raises(RuntimeError, match="websocket"):
        await app(Config())({"type": "websocket"}, never, never)
