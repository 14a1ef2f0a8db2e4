from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.client.backend import Settled
from pointsman.client.remote import Remote, build_remote
from pointsman.errors import (
    AuthenticationFailed,
    PointsmanError,
    ServerBusy,
    UpstreamMalformed,
    UpstreamRateLimited,
    UpstreamUnavailable,
    UpstreamUnreachable,
)
from tests.support.servers import serve
from tests.support.upstream import Scripted, ScriptedTransport, Step

ANSWER = Scripted(
    body=b'{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"Hi"}}]}'
)
BUSY = Scripted(
    status=503,
    body=b'{"error":{"message":"Busy.","code":"server_busy"}}',
    headers={"retry-after": "3"},
)


class Waits:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def remote(*steps: Step, key: str = "") -> tuple[Remote, ScriptedTransport, Waits]:
    transport, waits = ScriptedTransport(*steps), Waits()
    made = Remote("http://gateway/v1/", key, transport, sleep=waits, random=lambda: 0.5)
    return made, transport, waits


async def test_what_is_sent() -> None:
    backend, transport, _ = remote(ANSWER, key="pm_secret")
    reply = await backend.send(b"{}")
    assert reply.response is not None
    (request,) = transport.requests
    assert (request.method, request.url) == ("POST", "http://gateway/v1/chat/completions")
    assert dict(request.headers)["authorization"] == "Bearer pm_secret"
    assert "pm_secret" not in repr(backend)
    await backend.close()
    assert transport.closed


@pytest.mark.parametrize(
    ("failure", "waited"),
    [
        (BUSY, 3.25),
        (UpstreamUnreachable("No connection.", sent=False), 0.25),
        (Scripted(status=502, body=b"<html>restarting</html>"), 0.25),
    ],
)
async def test_what_can_do_no_harm_is_repeated(failure: Step, waited: float) -> None:
    backend, transport, waits = remote(failure, ANSWER)
    assert (await backend.send(b"{}")).response is not None
    assert waits.seconds == [waited]
    assert len(transport.requests) == 2


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (UpstreamUnreachable("It broke.", sent=True), UpstreamUnreachable),
        (
            Scripted(
                status=429,
                body=b'{"error":{"message":"m","code":"rate_limit_exceeded"}}',
                headers={"x-pointsman-attempts": "3", "x-should-retry": "false"},
            ),
            UpstreamRateLimited,
        ),
        (
            Scripted(status=500, body=b'{"error":{"message":"m"}}', headers={"x-pointsman-attempts": "1"}),
            UpstreamUnavailable,
        ),
        (
            Scripted(status=401, body=b'{"error":{"message":"m","code":"invalid_api_key"}}'),
            AuthenticationFailed,
        ),
        (Scripted(body=b"<html>"), UpstreamMalformed),
    ],
)
async def test_what_could_cost_twice_or_changes_nothing_is_not(
    failure: Step, kind: type[PointsmanError]
) -> None:
    backend, transport, waits = remote(failure)
    with pytest.raises(kind):
        await backend.send(b"{}")
    assert (len(transport.requests), waits.seconds) == (1, [])


async def test_a_call_with_a_key_is_repeated_where_the_connection_broke() -> None:
    backend, transport, _ = remote(UpstreamUnreachable("reset", sent=True), ANSWER)
    assert (await backend.send(b"{}", b"one")).response is not None
    assert [dict(request.headers)["idempotency-key"] for request in transport.requests] == ["one", "one"]


async def test_there_is_an_end_to_it() -> None:
    backend, transport, _ = remote(BUSY, BUSY, BUSY)
    with pytest.raises(ServerBusy):
        await backend.send(b"{}")
    assert len(transport.requests) == 3


async def test_what_a_request_came_to() -> None:
    view = Scripted(body=b'{"cost_usd":null,"estimated":true,"attempts":[{"number":1},{"number":2}]}')
    missing = Scripted(status=404, body=b'{"error":{"message":"m","code":"not_found"}}')
    backend, transport, _ = remote(view, missing, Scripted(body=b"[]"))
    assert await backend.settled("req_1") == Settled(None, True, 2)
    assert await backend.settled("req_2") is None
    with pytest.raises(UpstreamMalformed):
        await backend.settled("req_3")
    assert transport.requests[0].url == "http://gateway/v1/requests/req_1"


async def test_a_caller_that_is_cancelled_closes_the_connection() -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (message := await receive())["type"] == "http.request":
            if not message.get("more_body"):
                asked.set()
        left.set()

    async with serve(gateway) as url, asyncio.timeout(10):
        backend = build_remote(url, "", {})
        call = asyncio.create_task(backend.send(b"{}"))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await left.wait()
        await backend.close()
