"""One attempt: how long it may take, what it is booked with, and that it gives back what it held."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.errors import PointsmanError, UpstreamTimeout, UpstreamUnavailable, UpstreamUnreachable
from pointsman.gateway.attempts.sending import Sender
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan
from pointsman.http1 import HttpRequest, Leave, Timeouts
from tests.support.arrivals import an_arrival
from tests.support.gateway import Rig, a_route, ask
from tests.support.provider_bytes import OPENAI_WHOLE
from tests.support.upstream import Scripted, ScriptedResponse, ScriptedTransport

LIMITS = Timeouts(first_byte=40.0, total=100.0)


class TimedTransport(ScriptedTransport):
    """Keeps how long each call was allowed to take."""

    def __init__(self) -> None:
        super().__init__(otherwise=Scripted(body=OPENAI_WHOLE))
        self.timeouts: list[Timeouts] = []

    async def send(
        self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None
    ) -> ScriptedResponse:
        self.timeouts.append(timeouts)
        return await super().send(request, timeouts, leave)


class Bench:
    """A sender over a clock that stands still, and all that it has booked."""

    def __init__(self) -> None:
        rig = Rig()
        self.clock = rig.clock
        self.transport = TimedTransport()
        self.booked: list[tuple[int, str]] = []
        self.sender = Sender(
            self.transport,
            LIMITS,
            rig.gateway.flow,
            rig.clock,
            lambda call, status, outcome: self.booked.append((status, outcome)),
        )
        self.call = Call(msgspec.structs.replace(an_arrival(ask("m")), started=rig.clock.monotonic()))
        self.call.decide(self.call.arrival.face.peek(self.call.arrival.body), Plan(a_route(), {}))

    def attempt(self) -> AttemptRecord:
        return self.call.open_attempt(self.clock.monotonic())


async def test_the_first_attempt_has_all_of_the_time_and_the_next_what_is_left() -> None:
    bench = Bench()
    await bench.sender.attempt(bench.call, bench.attempt(), Leave())
    bench.clock.advance(70.0)
    await bench.sender.attempt(bench.call, bench.attempt(), Leave())
    bench.clock.advance(70.0)
    await bench.sender.attempt(bench.call, bench.attempt(), Leave())
    first, second, third = bench.transport.timeouts
    assert first == LIMITS
    assert second.first_byte == 40.0
    assert second.total == pytest.approx(30.0)
    assert third.total is not None
    assert 0 < third.total < 0.01, "its time is over"


async def test_time_in_the_queue_is_time() -> None:
    bench = Bench()
    bench.clock.advance(60.0)
    bench.call.queued_us = 60_000_000
    await bench.sender.attempt(bench.call, bench.attempt(), Leave())
    (timeouts,) = bench.transport.timeouts
    assert timeouts.total == pytest.approx(40.0)


async def test_an_answer_is_booked_with_what_it_used() -> None:
    bench = Bench()
    record = bench.attempt()
    answer = await bench.sender.attempt(bench.call, record, Leave())
    assert (answer.status, bench.booked) == (200, [(200, "ok")])
    assert record.usage is not None
    assert (record.outcome, record.estimated) == ("ok", False)


@pytest.mark.parametrize(
    ("error", "status", "billed"),
    [
        (UpstreamUnavailable("503"), 503, False),
        (UpstreamUnreachable("refused", sent=False), 0, False),
        (UpstreamTimeout("silent", sent=True), 0, True),
    ],
)
def test_a_failed_attempt_is_booked_if_it_may_be_billed(
    error: PointsmanError, status: int, billed: bool
) -> None:
    bench = Bench()
    record = bench.attempt()
    record.status = status
    bench.sender.fail(bench.call, record, error)
    assert (record.outcome, record.error, record.estimated) == ("error", error.code, billed)
    assert (record.usage == Usage()) is not billed
    assert bench.booked == [], "another attempt may follow"


def test_an_attempt_that_is_lost_is_booked_at_what_it_may_have_used() -> None:
    bench = Bench()
    record = bench.attempt()
    bench.sender.lose(bench.call, record, KeyboardInterrupt())
    assert (record.outcome, record.estimated) == ("cut", True)
    assert record.usage is not None
    assert record.usage.total > 0
