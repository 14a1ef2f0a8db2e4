"""A stream that goes on over another connection where one breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from pointsman import AsyncClient
from pointsman.chat import StreamEvent, TextDelta
from pointsman.client.remote import Remote
from pointsman.client.resuming import first_id, is_resumable
from pointsman.errors import NotFound, PointsmanError, UpstreamTimeout, UpstreamUnreachable
from pointsman.gateway.resume.event_ids import EventIds
from pointsman.http1 import Http1Transport
from pointsman.resilience import RetryPolicy
from tests.support.cutting import cutting
from tests.support.provider_bytes import OPENAI_EVENTS
from tests.support.stack import running_stack
from tests.support.upstream import Scripted, ScriptedTransport, Step, Wait

REQUEST = "req_0123456789abcdef0123456789"
HEAD = {"x-request-id": REQUEST, "x-pointsman-resumable": "true"}
EVENTS = list(map(EventIds(REQUEST).mark, OPENAI_EVENTS))
BREAK = UpstreamUnreachable("reset", sent=True)
GONE = Scripted(404, b'{"error":{"message":"Gone.","code":"stream_not_found"}}', {"x-should-retry": "false"})


class Rig:
    def __init__(self, *steps: Step) -> None:
        self.transport = ScriptedTransport(*steps, otherwise=Scripted(204))
        self.waits: list[float] = []
        self.remote = Remote("http://gateway", "", self.transport, sleep=self._sleep, random=lambda: 0.5)

    async def open(self, key: bytes | None = None) -> AsyncGenerator[StreamEvent, None]:
        events = (await self.remote.send(b"{}", key, resume=True)).events
        assert events is not None
        return events

    async def read(self, key: bytes | None = None) -> str:
        events = await self.open(key)
        return "".join([event.text async for event in events if isinstance(event, TextDelta)])

    @property
    def asked(self) -> list[tuple[str, str | None]]:
        return [
            (request.method, dict(request.headers).get("last-event-id"))
            for request in self.transport.requests
        ]

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def part(*pieces: bytes | Exception) -> Scripted:
    return Scripted(body=list(pieces), headers=HEAD)


@pytest.mark.parametrize("cut", range(len(EVENTS)))
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("error", [BREAK, UpstreamTimeout("idle")])
async def test_it_goes_on_behind_the_last_whole_event(cut: int, half: bool, error: PointsmanError) -> None:
    begun = [EVENTS[cut][:40]] if half else []
    rig = Rig(part(*EVENTS[:cut], *begun, error), part(*EVENTS[cut:]))
    assert await rig.read() == "Because so."
    assert rig.asked == [("POST", None), ("POST", f"{REQUEST}:{cut}")]
    assert dict(rig.transport.requests[0].headers)["x-pointsman-resumable"] == "true"
    assert all(response.closed for response in rig.transport.responses)


async def test_it_may_break_at_every_event() -> None:
    rig = Rig(*(part(event, BREAK) for event in EVENTS[:-1]), part(EVENTS[-1]))
    assert await rig.read() == "Because so."
    assert [last for _, last in rig.asked[1:]] == [f"{REQUEST}:{number}" for number in range(1, len(EVENTS))]
    assert rig.waits == [0.25] * (len(EVENTS) - 1)


async def test_connections_that_bring_nothing_new_have_an_end() -> None:
    rig = Rig(part(EVENTS[0], BREAK), part(BREAK), part(BREAK))
    with pytest.raises(UpstreamUnreachable):
        await rig.read()
    assert rig.waits == [0.25, 0.5]


async def test_with_an_idempotency_key_that_is_sent_each_time() -> None:
    rig = Rig(part(*EVENTS[:2], BREAK), part(*EVENTS[2:]))
    assert await rig.read(b"one") == "Because so."
    assert [dict(request.headers)["idempotency-key"] for request in rig.transport.requests] == ["one"] * 2
    assert "x-pointsman-resumable" not in dict(rig.transport.requests[0].headers)


async def test_what_is_not_there_any_more_is_told() -> None:
    rig = Rig(part(*EVENTS[:2], BREAK), GONE)
    with pytest.raises(NotFound, match="Gone"):
        await rig.read()


async def test_a_gateway_that_gives_no_ids_is_read_as_any() -> None:
    rig = Rig(Scripted(body=[*OPENAI_EVENTS[:2], BREAK]))
    with pytest.raises(UpstreamUnreachable):
        await rig.read()
    assert rig.asked == [("POST", None)]


@pytest.mark.parametrize("key", [None, b"one"])
async def test_who_leaves_early_says_so_unless_a_key_may_bring_others_back(key: bytes | None) -> None:
    rig = Rig(part(*EVENTS))
    events = await rig.open(key)
    await anext(events)
    await events.aclose()
    assert rig.transport.responses[0].closed
    assert rig.asked == [("POST", None)] + ([("DELETE", None)] if key is None else [])
    if key is None:
        assert rig.transport.requests[1].url == f"http://gateway/v1/requests/{REQUEST}/stream"


async def test_who_is_cancelled_says_so_though_nobody_may_hear_it() -> None:
    rig = Rig(Scripted(body=[EVENTS[0], Wait.FOR_EVER], headers=HEAD), UpstreamUnreachable("away"))
    task = asyncio.ensure_future(rig.read())
    await rig.transport.asked.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rig.asked == [("POST", None), ("DELETE", None)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [(HEAD, True), ({"x-request-id": "r"}, False), ({"x-pointsman-resumable": "true"}, False)],
)
def test_which_streams_can_be_gone_on_with(headers: dict[str, str], expected: bool) -> None:
    assert is_resumable(headers) is expected
    if expected:
        assert first_id(headers) == f"{REQUEST}:0"


async def test_over_a_network_that_cuts_each_connection() -> None:
    """The real thing: a gateway before a simulator, and on the way to it a network that cuts every stream."""
    async with running_stack() as stack, cutting(stack.gateway_url, after=1_500) as network:
        quick = RetryPolicy(base_delay=0.001)
        backend = Remote(network.url, "", Http1Transport(), retries=quick)
        async with (
            AsyncClient(backend=backend) as client,
            client.stream(
                "gpt-5.4-mini", "Tell me a story of fifty words.", max_tokens=100, resume=True
            ) as stream,
        ):
            text = "".join([chunk.text async for chunk in stream])
            result = await stream.result()
        assert result.text == text
        assert result.usage is not None
        assert network.cuts > 3
        (entry,) = stack.ledger.entries
        assert entry.outcome == "ok"
        assert len((await stack.invoice())["calls"]) == 1
        assert 3 < sum(stack.gateway.streams.metrics.resumed.values()) <= network.cuts


async def test_it_waits_for_a_gateway_that_is_started_anew() -> None:
    """Longer than for a first connection, since what it comes back to is paid."""
    refused = UpstreamUnreachable("refused", sent=False)
    rig = Rig(part(EVENTS[0], BREAK), *[refused] * 7, part(*EVENTS[1:]))
    assert await rig.read(b"one") == "Because so."
    assert rig.waits == [0.25, 0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
    rig = Rig(part(EVENTS[0], BREAK), *[refused] * 8)
    with pytest.raises(UpstreamUnreachable):
        await rig.read(b"one")
