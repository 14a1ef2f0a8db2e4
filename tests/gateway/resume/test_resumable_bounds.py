"""What is held of streams stays within its bounds, also of ten thousand whose clients have left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import msgspec
import pytest

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy
from pointsman.caching.idempotency.memory import MemoryIdempotency
from pointsman.config.streams import StreamSettings
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.edge.accept import ANTHROPIC
from pointsman.gateway.edge.faces import NOBODY, Run
from pointsman.gateway.resume.following import STREAM_BYTES
from pointsman.gateway.resume.held import Held
from pointsman.gateway.resume.idempotency import Idempotency
from pointsman.gateway.resume.resumable import ResumableStreams
from pointsman.http1 import Leave
from pointsman.ledger import MemoryLedger
from tests.support.event_ids import ids_of, without_ids
from tests.support.gateway import MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_MODEL
from tests.support.stack import settings
from tests.support.upstream import Scripted, Wait

WISH, KEY = {"x-pointsman-resumable": "true"}, {"idempotency-key": "one"}
STREAM = ask(ANTHROPIC_MODEL, stream=True)
MANY = 10_000
MB = 1 << 20
PIECE = b"data: " + b"x" * 1_500 + b"\n\n"
BODY = msgspec.json.encode(STREAM)


class Provider:
    """Each stream brings a piece whenever all of them are let go on, until it is told to stop.

    Args:
        held: seen at each piece.
    """

    def __init__(self, held: Callable[[], int]) -> None:
        self._held = held
        self._waiting: set[asyncio.Event] = set()
        self.most = 0
        """Bytes that were held of all."""

    async def run(self, arrival: Arrival) -> Answer:
        return Answer(200, [(b"content-type", b"text/event-stream")], self._pieces(arrival.leave))

    async def go_on(self) -> None:
        """A piece more of each."""
        for each in tuple(self._waiting):
            each.set()
        for _ in range(4):
            await asyncio.sleep(0)

    @property
    def under_way(self) -> int:
        return len(self._waiting)

    async def _pieces(self, leave: Leave) -> AsyncGenerator[bytes, None]:
        go = asyncio.Event()
        leave.listen(go.set)
        self._waiting.add(go)
        try:
            while not leave.gone:
                self.most = max(self.most, self._held())
                yield PIECE
                await go.wait()
                go.clear()
        finally:
            self._waiting.discard(go)


def arrival_of(number: int, leave: Leave) -> Arrival:
    return Arrival(
        request_id=f"req_{number}",
        at_us=number,
        started=0.0,
        face=ANTHROPIC,
        headers={b"x-pointsman-resumable": b"true"},
        body=BODY,
        key=NOBODY,
        leave=leave,
        path="/v1/messages",
    )


def by_wish() -> tuple[Run, Provider, Held]:
    streams = ResumableStreams(StreamSettings(max_mb=8, max_stream_mb=1))
    provider = Provider(lambda: streams._held.bytes)
    return streams.around(provider.run), provider, streams._held


def by_key() -> tuple[Run, Provider, Held]:
    policy = IdempotencyPolicy(most_answer=2 * MB)
    ledger = MemoryLedger()
    once = Idempotency(MemoryIdempotency(policy), policy, ledger, record=ledger.record, monotonic=lambda: 0.0)
    provider = Provider(lambda: once._held.bytes)
    return once.around(provider.run), provider, once._held


@pytest.mark.parametrize("made", [by_wish, by_key])
async def test_what_is_held_of_abandoned_streams_stays_within_the_bound(
    made: Callable[[], tuple[Run, Provider, Held]],
) -> None:
    run, provider, held = made()
    for number in range(MANY):
        leave = Leave()
        arrival = arrival_of(number, leave)
        if made is by_key:
            arrival.headers = {b"idempotency-key": b"%d" % number}
        answer = await run(arrival)
        assert not isinstance(answer.body, bytes)
        await anext(answer.body)
        leave.now()
        await answer.body.aclose()
    assert provider.under_way < held.most // len(PIECE) < MANY
    for _ in range(2):
        await provider.go_on()
    assert provider.most <= held.most == 8 * MB
    assert held.bytes <= held.most


BIG = [*ANTHROPIC_EVENTS[:3], *[b"data: " + b"x" * 100_000 + b"\n\n"] * 15, *ANTHROPIC_EVENTS[3:]]


async def test_what_outgrows_its_buffer_goes_on_for_who_is_there_and_cannot_be_resumed() -> None:
    rig = Rig(Scripted(body=BIG), given=settings(streams={"max_stream_mb": 1}))
    first = await rig.post(MESSAGES, STREAM, WISH)
    assert without_ids(first.body) == b"".join(BIG)
    back = await rig.post(MESSAGES, STREAM, {"last-event-id": ids_of(first.body)[0]})
    assert back.status == 404
    assert rig.gateway.streams.metrics.fates == {"too_large": 1}
    assert rig.gateway.streams.metrics.held() == 0


@pytest.mark.parametrize("more", [WISH, KEY], ids=["wish", "key"])
async def test_what_outgrows_its_buffer_with_nobody_there_is_ended_at_once(more: dict[str, str]) -> None:
    """Who comes back with a key is told why, and does not pay for the same once more."""
    given = settings(streams={"max_stream_mb": 1}, idempotency={"max_answer_mb": 1})
    rig = Rig(Scripted(body=[*BIG[:3], Wait.UNTIL_LEFT, *BIG[3:]]), given=given)
    call = rig.call(MESSAGES, STREAM, headers=more)
    task = asyncio.ensure_future(call.run())
    await asyncio.wait_for(call.events(3), 10)
    await asyncio.wait_for(call.waiting.wait(), 10)
    call.leave()
    await task
    rig.transport.answer_now()
    await rig.ledger.has(1)
    assert rig.entry.outcome == "cut"
    if more is KEY:
        back = await rig.post(MESSAGES, STREAM, KEY)
        assert (back.status, "max_answer_mb" in str(back.json())) == (409, True)
    else:
        assert rig.gateway.streams.metrics.fates == {"too_large": 1}
    assert rig.gateway.streams.metrics.held() == 0
    assert len(rig.transport.requests) == 1


async def test_those_that_ended_first_go_first_where_there_is_no_room() -> None:
    small = Scripted(body=[*ANTHROPIC_EVENTS[:3], *BIG[3:7], *ANTHROPIC_EVENTS[3:]])
    rig = Rig(otherwise=small, given=settings(streams={"max_mb": 1, "max_stream_mb": 1}))
    seen = [(await rig.post(MESSAGES, STREAM, WISH)).body for _ in range(5)]
    metrics = rig.gateway.streams.metrics
    assert metrics.fates == {"evicted": 3}
    assert metrics.kept() == 2
    assert 2 * len(seen[0]) < metrics.held() - 2 * STREAM_BYTES < 1 << 20
    found = [(await rig.post(MESSAGES, STREAM, {"last-event-id": ids_of(body)[-1]})).status for body in seen]
    assert found == [404, 404, 404, 200, 200]
