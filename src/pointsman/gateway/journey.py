"""The journey of a request, top to bottom.

    accept → authenticate → plan → (reserve) → (look up) → send → account → respond

Accepting and authenticating are the edge's part (``asgi.py``, or ``client/`` in-process); everything from the
plan to the answer is here. Two lines bend on purpose: translation happens inside the attempt loop, because
another attempt can need another dialect; and accounting runs to its end even if the client has gone.
"""

from __future__ import annotations

import logging

import msgspec

from pointsman.errors import InternalError, PointsmanError, ServerBusy
from pointsman.http1 import HttpResponse, Timeouts, Transport
from pointsman.ledger.entry import Ledger
from pointsman.resilience import RetryPolicy, wait_before_next

from .account import AttemptRecord, may_be_billed
from .admission import admit
from .call import Call
from .learning import Learner
from .planner import Planner
from .ports import Clock, Meter, OpenCalls, Random, Sleep
from .relay import Relay
from .respond import answer_headers, error_answer
from .under_way import failed_call, open_call
from .values import Answer, Arrival

_log = logging.getLogger("pointsman.journey")

_LEDGER_RETRY = 5.0
"""Seconds between the ledger's attempts at a store that is away; for Retry-After."""


class Journey:
    """Takes arrivals, gives answers. Knows ports only; ``build.py`` puts the real things behind them."""

    def __init__(
        self,
        *,
        planner: Planner,
        transport: Transport,
        ledger: Ledger,
        meter: Meter,
        clock: Clock,
        sleep: Sleep,
        random: Random,
        timeouts: Timeouts,
        retries: RetryPolicy,
        open_calls: OpenCalls | None = None,
    ) -> None:
        self.planner = planner
        self.ledger = ledger
        self.learner = Learner()
        self._transport = transport
        self._meter = meter
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._timeouts = timeouts
        self._retries = retries
        self._open_calls = open_calls

    async def run(self, arrival: Arrival) -> Answer:
        """Answer a request. Never raises on bad input or a failing provider: these are answers too."""
        call = Call(arrival)
        if self.ledger.full:
            return self._turn_away(call)
        try:
            self._plan(call)
            return await self._send(call)
        except PointsmanError as error:
            return self._refuse(call, error)
        except Exception:  # noqa: BLE001 - a bug of ours: a clean 500 for the client, the traceback for the log
            _log.exception("request %s failed", arrival.request_id)
            return self._refuse(call, InternalError(f"Internal error; its id is {arrival.request_id}."))
        except BaseException:  # cancelled: what was spent until then is booked all the same
            self._account(call, 499, "cut")
            raise

    def _plan(self, call: Call) -> None:
        arrival = call.arrival
        body = arrival.body
        call.peek = peek = arrival.face.peek(body)
        plan = self.planner.plan(peek.model, self._clock.today)
        call.decide(peek, plan)
        model, gate = plan.route.model, plan.route.gate
        if model is not None and gate is not None and not gate.opens(peek, len(body)):
            admit(model, arrival.face, peek, body, self.planner.available())
        call.encode()

    async def _send(self, call: Call) -> Answer:
        """Attempts, until one succeeds or no further one makes sense; none after a first byte was sent."""
        while True:
            record = self._begin(call)
            try:
                return await self._attempt(call, record)
            except PointsmanError as error:  # a RequestError too: a provider says "too long"
                self._fail(call, record, error)
                wait = wait_before_next(error, record.number, self._retries, jitter=self._random())
                if wait is None or call.arrival.leave.gone:
                    raise
                failure = error
                if self._open_calls is not None:
                    self._open_calls.amend(failed_call(call, record))
            except BaseException as error:  # cancelled, or a bug: the provider may bill it all the same
                self._lose(call, record, error)
                raise
            await self._sleep(wait)
            if call.arrival.leave.gone:
                raise failure

    def _begin(self, call: Call) -> AttemptRecord:
        """Open an attempt, and keep it before it is sent, so that the death of the process loses no call."""
        record = call.open_attempt(self._clock.monotonic())
        if self._open_calls is not None:
            try:
                self._open_calls.begin(open_call(call, record))
            except BaseException:
                call.attempts.pop()  # it will not be sent
                raise
        return record

    async def _attempt(self, call: Call, record: AttemptRecord) -> Answer:
        response = await self._transport.send(call.http_request(record), self._timeouts, call.arrival.leave)
        record.status = status = response.status
        headers = response.headers
        record.upstream_id = headers.get("request-id") or headers.get("x-request-id", "")
        if status >= 400:
            body = await response.read()
            raise record.route.dialect.decode_error(status, headers, body)
        if call.streams:
            return await self._stream(call, record, response)
        return await self._whole(call, record, response)

    async def _whole(self, call: Call, record: AttemptRecord, response: HttpResponse) -> Answer:
        body = await response.read()
        dialect = record.route.dialect
        if call.crosses:
            decoded = dialect.decode_response(body)
            usage, upstream_id = decoded.usage, decoded.id
            if not decoded.created:  # Anthropic does not say when; OpenAI's clients expect a time
                decoded = msgspec.structs.replace(decoded, created=call.arrival.at_us // 1_000_000)
            body = call.arrival.face.encode_response(decoded)
        else:
            usage, _, upstream_id = dialect.read_usage(body)
        call.first_byte = now = self._clock.monotonic()
        arrival = call.arrival
        record.upstream_id = record.upstream_id or upstream_id
        if usage is None:
            estimate = call.estimate(record, self.learner.ratios, now, None)
            record.settle("ok", estimate, arrival.at_us, now, estimated=True)
        else:
            record.settle("ok", usage, arrival.at_us, now)
            self.learner.see_prompt(record, usage)
        self._account(call, 200, "cut" if arrival.leave.gone else "ok")
        return Answer(200, answer_headers(call, b"application/json"), body)

    async def _stream(self, call: Call, record: AttemptRecord, response: HttpResponse) -> Answer:
        arrival, pipe = call.arrival, call.pipe()

        def settle(relay: Relay) -> None:
            self._settle_stream(call, record, relay)

        relay = Relay(response, pipe, arrival.face, arrival.request_id, arrival.leave, settle)
        record.pipe, record.first_at = pipe, self._clock.monotonic()
        first = await relay.open()
        call.first_byte = self._clock.monotonic()
        rest = relay.rest(first)
        await anext(rest)  # it has begun: closing it settles the call even if nobody comes to read it
        return Answer(200, answer_headers(call, b"text/event-stream; charset=utf-8"), rest)

    def _settle_stream(self, call: Call, record: AttemptRecord, relay: Relay) -> None:
        """The stream is over, one way or the other: book it, even where a bug of ours hides what it was."""
        try:
            self._book_stream(call, record, relay)
        except Exception:  # noqa: BLE001 - as in run: the traceback for the log
            _log.exception("request %s cannot be settled", call.arrival.request_id)
            record.error = call.error = InternalError.default_code
            record.settle("broken", None, self._clock.now_us(), self._clock.monotonic(), estimated=True)
            self._account(call, 200, "broken")

    def _book_stream(self, call: Call, record: AttemptRecord, relay: Relay) -> None:
        now, pipe = self._clock.monotonic(), relay.pipe
        outcome = "cut" if relay.cut or call.arrival.leave.gone else "ok" if relay.error is None else "broken"
        record.upstream_id = record.upstream_id or pipe.upstream_id
        record.error = call.error = "" if relay.error is None else relay.error.code
        if pipe.usage is not None and pipe.ended:
            record.settle(outcome, pipe.usage, call.arrival.at_us, now)
            self.learner.see_prompt(record, pipe.usage)
            self.learner.see_output(record, pipe)
        else:
            usage = call.estimate(record, self.learner.ratios, now, relay.ending)
            record.settle(outcome, usage, call.arrival.at_us, now, estimated=True)
        self._account(call, 200, outcome)

    def _fail(self, call: Call, record: AttemptRecord, error: PointsmanError) -> None:
        """An attempt failed before anything of it reached the client."""
        now = self._clock.monotonic()
        usage = None
        if may_be_billed(error, record.status):
            usage = call.estimate(record, self.learner.ratios, now, error)
        record.fail(error, call.arrival.at_us, now, usage)

    def _lose(self, call: Call, record: AttemptRecord, error: BaseException) -> None:
        """An attempt was cancelled, or met a bug of ours, and its end is not known."""
        now, outcome = self._clock.monotonic(), "cut"
        if isinstance(error, Exception):
            outcome, record.error = "error", InternalError.default_code
        usage = call.estimate(record, self.learner.ratios, now, error)
        record.settle(outcome, usage, call.arrival.at_us, now, estimated=True)

    def _turn_away(self, call: Call) -> Answer:
        """The ledger takes no more. That is not recorded, only counted: it would fill the ledger further."""
        error = ServerBusy(
            "The gateway cannot write its ledger, and takes no new calls until it can. Try again later.",
            retry_after=_LEDGER_RETRY,
        )
        call.status, call.outcome, call.error = error.status, "error", error.code
        self._meter.observe(call.entry(self._clock.monotonic()))
        return error_answer(call.arrival.face, error, call.arrival.request_id)

    def _refuse(self, call: Call, error: PointsmanError) -> Answer:
        call.error = error.code
        self._account(call, error.status, "cut" if call.arrival.leave.gone else "error")
        return error_answer(call.arrival.face, error, call.arrival.request_id, attempts=len(call.attempts))

    def _account(self, call: Call, status: int, outcome: str) -> None:
        """Once per request, whatever happened to it."""
        if call.settled:
            return
        call.settled = True
        call.status, call.outcome = status, outcome
        entry = call.entry(self._clock.monotonic())
        call.cost = entry.cost
        self.ledger.record(entry)
        self._meter.observe(entry)
