"""One attempt: send, read or relay the answer, and settle what it used, however it ends."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable

import msgspec

from pointsman.chat import Usage
from pointsman.errors import InternalError, PointsmanError
from pointsman.gateway.call.account import AttemptRecord, may_be_billed
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.overheard import Heard, Overheard, goes_on
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.refusal import Refused, body_refuses, first_words, moves_on, once, refuses
from pointsman.gateway.call.respond import answer_headers
from pointsman.gateway.call.values import Answer
from pointsman.gateway.flow.flow import Flow
from pointsman.gateway.stream.pipes import Pipe
from pointsman.gateway.stream.relay import Relay
from pointsman.http1 import HttpResponse, Leave, Timeouts, Transport

from .learning import Learner

_log = logging.getLogger("pointsman.journey")

_JSON = b"application/json"
_EVENTS = b"text/event-stream; charset=utf-8"

Account = Callable[[Call, int, str], None]
"""Books a whole request: its status and outcome."""
GoOn = Callable[[Call, AttemptRecord, "Begun", Overheard], AsyncGenerator[bytes, None]]


class Whole(msgspec.Struct, eq=False):
    """A whole answer that is there."""

    body: bytes
    usage: Usage | None


class Begun(msgspec.Struct, eq=False):
    """A stream whose first bytes are there."""

    relay: Relay
    first: bytes


class Sender:
    """Makes the attempts of all requests. ``account`` is called once the answer of one is complete."""

    def __init__(
        self, transport: Transport, timeouts: Timeouts, flow: Flow, clock: Clock, account: Account
    ) -> None:
        self.learner = Learner()
        self.go_on: GoOn | None = None
        """Takes over streams that may be gone on with when they break."""
        self._transport = transport
        self._timeouts = timeouts
        self._flow = flow
        self._clock = clock
        self._account = account

    async def attempt(self, call: Call, record: AttemptRecord, leave: Leave) -> Answer:
        """The provider's answer. Once a stream has begun, it settles itself when it ends.

        Args:
            leave: tells that this attempt is no longer wanted.

        Raises:
            PointsmanError: it failed before anything of it reached the client; ``fail`` is to be called.
        """
        reached = await self.reach(call, record, leave)
        if isinstance(reached, Whole):
            return self._whole(call, record, reached)
        return await self._stream(call, record, reached)

    async def reach(self, call: Call, record: AttemptRecord, leave: Leave) -> Whole | Begun:
        """All of ``attempt`` that can fail, and nothing that is done only once for a request: of several that
        have been made side by side, ``finish`` gives one to the client."""
        response = await self._send(call, record, leave)
        if call.streams:
            return await self._begin(call, record, response, leave)
        return self._read(call, record, await response.read())

    async def finish(self, call: Call, record: AttemptRecord, reached: Whole | Begun) -> Answer:
        """Give the client what was reached."""
        if isinstance(reached, Whole):
            return self._whole(call, record, reached)
        return await self._stream(call, record, reached)

    def give_refusal(self, call: Call, refused: Refused) -> Answer:
        """The answer that was put aside after all, since no other model had one."""
        record = refused.record
        record.outcome, record.error = "ok", ""
        call.route, call.first_byte = record.route, self._clock.monotonic()
        self._account(call, 200, "cut" if call.arrival.leave.gone else "ok")
        if not call.streams:
            return Answer(200, answer_headers(call, record, _JSON), refused.body)
        return Answer(200, answer_headers(call, record, _EVENTS), once(refused.body))

    async def resume(self, call: Call, record: AttemptRecord, pipe: Overheard) -> Begun:
        """The rest of a stream that broke, once it has begun.

        Args:
            pipe: weaves it into what the client has.

        Raises:
            PointsmanError: as ``attempt``.
        """
        response = await self._send(call, record, call.arrival.leave)
        relay = self._relay(call, record, response, pipe, call.arrival.leave, last=False)
        begun = Begun(relay, await relay.open())
        self._flow.begun(record, self._clock.monotonic())
        return begun

    async def _send(self, call: Call, record: AttemptRecord, leave: Leave) -> HttpResponse:
        timeouts = self._timeouts
        shared = call.ways is not None and call.ways.can_move(record.number)
        if shared or record.number > 1 or call.queued_us:
            timeouts = self._left(call, shared=shared)
        self._flow.sent(record)
        response = await self._transport.send(call.http_request(record), timeouts, leave)
        record.status = status = response.status
        headers = response.headers
        record.upstream_id = headers.get("request-id") or headers.get("x-request-id", "")
        if status >= 400:
            body = await response.read()
            error = record.route.dialect.decode_error(status, headers, body)
            self._flow.refused(record, error, headers)
            raise error
        self._flow.answered(record, headers)
        return response

    def _left(self, call: Call, *, shared: bool) -> Timeouts:
        """What is left of the time for the whole request.

        Args:
            shared: another could still answer, so nobody may be silent for more than half of that.
        """
        timeouts = self._timeouts
        if timeouts.total is None:
            return timeouts
        left = max(0.001, call.arrival.started + timeouts.total - self._clock.monotonic())
        first_byte, idle = timeouts.first_byte, timeouts.idle
        if shared:
            half = left / 2
            first_byte = half if first_byte is None else min(first_byte, half)
            idle = half if idle is None else min(idle, half)
        return msgspec.structs.replace(timeouts, first_byte=first_byte, idle=idle, total=left)

    def _read(self, call: Call, record: AttemptRecord, body: bytes) -> Whole:
        arrival, dialect = call.arrival, record.route.dialect
        if record.crosses:
            decoded = dialect.decode_response(body)
            usage, upstream_id = decoded.usage, decoded.id
            if not decoded.created:  # Anthropic does not say when; OpenAI's clients expect a time
                decoded = msgspec.structs.replace(decoded, created=arrival.at_us // 1_000_000)
            body = arrival.face.encode_response(decoded)
            refused = moves_on(call.plan) and refuses(decoded)
        else:
            usage, _, upstream_id = dialect.read_usage(body)
            refused = moves_on(call.plan) and body_refuses(dialect, body)
        record.upstream_id = record.upstream_id or upstream_id
        whole = Whole(body, usage)
        if refused:
            self._flow.begun(record, self._clock.monotonic())  # it is well, and has answered
            self.book_whole(call, record, whole, "error")
            raise _refused(record, body)
        return whole

    def _whole(self, call: Call, record: AttemptRecord, whole: Whole) -> Answer:
        call.first_byte = self._clock.monotonic()
        self.book_whole(call, record, whole, "ok")
        self._account(call, 200, "cut" if call.arrival.leave.gone else "ok")
        return Answer(200, answer_headers(call, record, _JSON), whole.body)

    def book_whole(self, call: Call, record: AttemptRecord, whole: Whole, outcome: str) -> None:
        """Settle an attempt whose answer is there: "ok" if the client gets it."""
        now, usage = self._clock.monotonic(), whole.usage
        if usage is None:
            estimate = call.estimate(record, self.learner.ratios, now, None)
            self._settle(call, record, outcome, estimate, now, estimated=True)
        else:
            self._settle(call, record, outcome, usage, now)
            self.learner.see_prompt(record, usage)

    async def _begin(self, call: Call, record: AttemptRecord, response: HttpResponse, leave: Leave) -> Begun:
        pipe, plan = call.pipe(record), call.plan
        refusing, resuming = moves_on(plan), self.go_on is not None and goes_on(plan)
        if not (refusing or resuming):
            relay = self._relay(call, record, response, pipe, leave)
            return Begun(relay, await relay.open())
        decoder, raw = record.route.dialect.stream_decoder(), not record.crosses
        overheard = Overheard(pipe, Heard(), decoder, raw=raw, withholds=resuming)
        relay = self._relay(call, record, response, overheard, leave, last=not resuming)
        if not refusing:
            return Begun(relay, await relay.open())
        first, refused = await first_words(relay, overheard)
        if refused:
            now = self._clock.monotonic()
            self._flow.begun(record, now)
            usage, estimated = self._usage_of_stream(call, record, relay)
            self._settle(call, record, "error", usage, now, estimated=estimated)
            raise _refused(record, first)
        if not resuming:
            overheard.stop_listening()
        return Begun(relay, first)

    def _relay(
        self,
        call: Call,
        record: AttemptRecord,
        response: HttpResponse,
        pipe: Pipe,
        leave: Leave,
        *,
        last: bool = True,
    ) -> Relay:
        """``last``: nobody goes on with it, so that its end is that of the request."""

        def settle(relay: Relay) -> None:
            relay.outcome = self._settle_stream(call, record, relay)
            if last:
                self._account(call, 200, relay.outcome)

        arrival = call.arrival
        record.pipe, record.first_at = pipe, self._clock.monotonic()
        return Relay(response, pipe, arrival.face, arrival.request_id, leave, settle, tells=last)

    async def _stream(self, call: Call, record: AttemptRecord, begun: Begun) -> Answer:
        call.first_byte = now = self._clock.monotonic()
        self._flow.begun(record, now)
        pipe = begun.relay.pipe
        if self.go_on is not None and isinstance(pipe, Overheard) and goes_on(call.plan):
            rest = self.go_on(call, record, begun, pipe)
        else:
            rest = begun.relay.rest(begun.first)
        await anext(rest)  # it has begun: closing it settles the call even if nobody comes to read it
        return Answer(200, answer_headers(call, record, _EVENTS), rest)

    def _settle_stream(self, call: Call, record: AttemptRecord, relay: Relay) -> str:
        """The stream is over, one way or the other: book it, even where a bug of ours hides what it was."""
        try:
            return self._book_stream(call, record, relay)
        except Exception:  # noqa: BLE001 - as in the journey: the traceback for the log
            _log.exception("request %s cannot be settled", call.arrival.request_id)
            record.error = call.error = InternalError.default_code
            self._settle(call, record, "broken", None, self._clock.monotonic(), estimated=True)
            return "broken"

    def _book_stream(self, call: Call, record: AttemptRecord, relay: Relay) -> str:
        pipe = relay.pipe
        outcome = "cut" if relay.cut else "ok" if relay.error is None else "broken"
        record.upstream_id = record.upstream_id or pipe.upstream_id
        record.error = call.error = "" if relay.error is None else relay.error.code
        call.failure = relay.error
        usage, estimated = self._usage_of_stream(call, record, relay)
        now = self._clock.monotonic()
        self._settle(call, record, outcome, usage, now, relay.error, estimated=estimated)
        return outcome

    def _usage_of_stream(self, call: Call, record: AttemptRecord, relay: Relay) -> tuple[Usage, bool]:
        """What it used, and whether that is our estimate."""
        pipe = relay.pipe
        if pipe.usage is None or not pipe.ended:
            now = self._clock.monotonic()
            return call.estimate(record, self.learner.ratios, now, relay.ending), True
        self.learner.see_prompt(record, pipe.usage)
        self.learner.see_output(record, pipe)
        return pipe.usage, False

    def fail(self, call: Call, record: AttemptRecord, error: PointsmanError) -> None:
        """An attempt failed before anything of it reached the client.

        A provider that answers with an error status, or that was never reached, bills nothing. One that took
        the request and then fell silent may bill: then it is booked at our estimate. No record is settled
        twice.
        """
        if record.outcome:
            return
        now, record.error = self._clock.monotonic(), error.code
        if may_be_billed(error, record.status):
            usage = call.estimate(record, self.learner.ratios, now, error)
            self._settle(call, record, "error", usage, now, error, estimated=True)
        else:
            self._settle(call, record, "error", Usage(), now, error)

    def lose(self, call: Call, record: AttemptRecord, error: BaseException) -> None:
        """An attempt was cancelled, or met a bug of ours, and its end is not known. None is settled twice."""
        if record.outcome:
            return
        now, outcome = self._clock.monotonic(), "cut"
        if isinstance(error, Exception):
            outcome, record.error = "error", InternalError.default_code
        usage = call.estimate(record, self.learner.ratios, now, error)
        self._settle(call, record, outcome, usage, now, estimated=True)

    def _settle(
        self,
        call: Call,
        record: AttemptRecord,
        outcome: str,
        usage: Usage | None,
        now: float,
        error: PointsmanError | None = None,
        *,
        estimated: bool = False,
    ) -> None:
        """Close the record, and give back what was reserved for more than it used."""
        record.settle(outcome, usage, call.arrival.at_us, now, estimated=estimated)
        self._flow.over(record, call.arrival.key.id, error, now)


def _refused(record: AttemptRecord, body: bytes) -> Refused:
    refused = Refused(record, body)
    record.error = refused.code
    return refused
