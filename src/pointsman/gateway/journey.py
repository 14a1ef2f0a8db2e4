"""The journey of a request, top to bottom.

    accept → authenticate → plan → look up → reserve → send → account → respond

Accepting and authenticating are the edge's part (``asgi.py``, or ``client/`` in-process); everything from the
plan to the answer is here. Two lines bend on purpose: translation happens inside the attempt loop, because
another attempt can need another dialect, and so does the reservation, since each attempt counts against the
limits of its own provider; and accounting runs to its end even if the client has gone.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from math import inf

from pointsman.chat import Usage
from pointsman.costs.tally import purpose_of
from pointsman.errors import InternalError, PointsmanError, ServerBusy
from pointsman.http1 import Timeouts, Transport
from pointsman.ledger.entry import ANSWERED_FROM, Entry, Ledger
from pointsman.resilience import RetryPolicy

from .attempts.continuation import Continuation
from .attempts.hedging import Hedging
from .attempts.sending import Sender
from .auto.choosing import Chooser
from .cache.answer_cache import AnswerCache
from .call.account import AttemptRecord
from .call.admission import admit
from .call.call import Call
from .call.candidates import Candidates, candidates
from .call.passage import Passage
from .call.planner import Planner
from .call.ports import Clock, Meter, OpenCalls, Random, Sleep
from .call.refusal import Refused
from .call.respond import error_answer
from .call.under_way import failed_call, open_call
from .call.values import Answer, Arrival, Plan, Route
from .cascade.cascades import Cascade
from .cascade.cascading import Cascading
from .cascade.cheap_calls import CheapCalls
from .flow.flow import Flow
from .flow.waiting import MustWait, Waiting
from .prompt_cache.prompt_caching import PromptCaching

_log = logging.getLogger("pointsman.journey")

_ONCE = RetryPolicy(attempts=1)
Watch = Callable[[Call, Answer], Awaitable[Answer]]
_LEDGER_RETRY = 5.0
"""Seconds between the ledger's attempts at a store that is away; for Retry-After."""


class Journey:
    """Takes arrivals, gives answers. Knows ports only; ``build.py`` puts the real things behind them."""

    def __init__(
        self,
        *,
        planner: Planner,
        flow: Flow,
        transport: Transport,
        ledger: Ledger,
        meter: Meter,
        clock: Clock,
        sleep: Sleep,
        random: Random,
        timeouts: Timeouts,
        retries: RetryPolicy,
        waiting: Waiting | None = None,
        open_calls: OpenCalls | None = None,
        chooser: Chooser | None = None,
        cascades: Mapping[str, Cascade] | None = None,
    ) -> None:
        self.planner = planner
        self.ledger = ledger
        self._put: Callable[[Entry], None] = ledger.record
        self._flow = flow
        self.sender = Sender(transport, timeouts, flow, clock, self.account)
        self._meter = meter
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._timeouts = timeouts
        self._retries = retries
        self._waiting = waiting
        self._chooser = chooser
        self.sender.go_on = Continuation(
            self.sender, flow, clock, random, self.account, self._turn_to, self._begin, open_calls
        ).stream
        self._hedging = Hedging(self.sender, flow, clock, random, self._turn_to, self._begin)
        self._cascading = Cascading(
            cascades or {},
            CheapCalls(
                self.sender,
                flow,
                clock,
                random,
                total=timeouts.total,
                turn_to=self._turn_to,
                begin=self._begin,
                open_calls=open_calls,
            ),
            self.sender,
            flow,
            clock,
            self.account,
            announces=waiting is not None,
        )
        self._open_calls = open_calls
        self.watch: Watch | None = None
        """Sees the answers to requests for "auto" on their way to the client."""
        self.prompt_cache: PromptCaching | None = None
        """Makes providers keep what will be asked for again."""
        self.cache: AnswerCache | None = None
        """Gives answers again."""

    async def run(self, arrival: Arrival) -> Answer:
        """Answer a request. Never raises on bad input or a failing provider: these are answers too."""
        call = Call(arrival)
        if self.ledger.full:
            return self._turn_away(call)
        try:
            answer = await self._answer(call)
        except MustWait:
            assert self._waiting is not None, "who cannot announce a wait does not raise this"
            try:
                answer = await self._waiting.answer(call, self._answer)
            except BaseException:
                if call.rider is not None:
                    call.rider.leave()
                raise
        if call.chosen is not None and self.watch is not None and call.cache not in ANSWERED_FROM:
            return await self.watch(call.made or call, answer)
        return answer

    async def _answer(self, call: Call) -> Answer:
        try:
            if call.plan is None:
                self._plan(call)
            if self.cache is not None and call.arrival.errand is None:
                return await self.cache.around(call, self._send)
            return await self._send(call)
        except PointsmanError as error:
            return self._refuse(call, error)
        except MustWait:
            call.may_wait = True
            raise
        except Exception:  # noqa: BLE001 - a bug of ours: a clean 500 for the client, the traceback for the log
            request_id = call.arrival.request_id
            _log.exception("request %s failed", request_id)
            return self._refuse(call, InternalError(f"Internal error; its id is {request_id}."))
        except BaseException:  # cancelled: what was spent until then is booked all the same
            self.account(call, 499, "cut")
            raise

    def _plan(self, call: Call) -> None:
        arrival = call.arrival
        call.peek = peek = arrival.face.peek(arrival.body)
        chooser = self._chooser
        if arrival.errand is not None:
            plan = arrival.errand.plan or self.planner.plan(peek.model, self._clock.today)
            plan = Plan(plan.route, plan.defaults)
        elif chooser is not None and (auto := chooser.auto(peek.model, arrival.key.auto)) is not None:
            plan = chooser.choose(call, auto)
        else:
            plan = self.planner.plan(peek.model, self._clock.today)
        call.decide(peek, plan)

    async def _send(self, call: Call) -> Answer:
        """Attempts, until one succeeds or no further one makes sense; none after a first byte was sent."""
        if call.chosen is not None and call.chosen.first:
            believed = await self._cascading.answer(call, call.chosen)
            if believed is not None:
                return believed
        ways = call.ways or self._ways(call)
        attempts = call.attempts
        while True:
            made = len(attempts)
            try:
                passage = self._try_enter(call, ways) or await self._enter(call, ways)
                record = self._begin(call, passage)
                if call.plan is not None and call.plan.hedge:
                    return await self._hedging.attempt(call, ways, record)
                return await self.sender.attempt(call, record, call.arrival.leave)
            except PointsmanError as error:  # a RequestError too: a provider says "too long"
                for record in attempts[made:]:
                    self.sender.fail(call, record, error)
                if isinstance(error, Refused):
                    ways.refused = error
                wait = self._what_next(ways, error, sent=len(attempts) > made)
                if wait is None and ways.refused is not None and not call.arrival.leave.gone:
                    return self.sender.give_refusal(call, ways.refused)
                if wait is None or call.arrival.leave.gone:
                    raise
                failure = error
                if self._open_calls is not None:
                    for record in attempts[made:]:
                        self._open_calls.amend(failed_call(call, record))
            except BaseException as error:  # cancelled, or a bug: the provider may bill it all the same
                for record in attempts[made:]:
                    self.sender.lose(call, record, error)
                raise
            if wait > 0.0:
                await self._sleep(wait)
                if call.arrival.leave.gone:
                    raise failure

    def _what_next(self, ways: Candidates, error: PointsmanError, *, sent: bool) -> float | None:
        """Seconds until the next attempt, at the place where ``ways`` is then; None to give up."""
        flow, before = self._flow, ways.route
        wait = ways.failed(error, flow.health, self._clock.monotonic(), self._random(), sent=sent)
        if wait is not None:
            if ways.route is before:
                flow.counted.retried(before.deployment)
            else:
                flow.counted.fell_back(before.deployment, ways.route.deployment)
        return wait

    def _ways(self, call: Call) -> Candidates:
        """Where it can go."""
        arrival, plan, total = call.arrival, call.plan, self._timeouts.total
        assert plan is not None
        call.ways = ways = candidates(
            plan,
            arrival.body,
            arrival.key.id,
            health=self._flow.health,
            policy=self._retries if arrival.errand is None else _ONCE,
            deadline=inf if total is None else arrival.started + total,
            now=arrival.started,
            random=self._random,
            holder=self.prompt_cache.holder(call) if self.prompt_cache is not None and plan.stages else "",
        )
        ways.before = len(call.attempts)
        return ways

    def _try_enter(self, call: Call, ways: Candidates) -> Passage | None:
        """Where it is, if there is room in the limits now. Raises RequestError: it cannot be sent there."""
        self._turn_to(call, ways.routes[ways.here])
        return self._flow.try_enter(call, ways)

    async def _enter(self, call: Call, ways: Candidates) -> Passage:
        """Where it is not known that there is room now: there, with an equal, else in the order of the queue.

        Raises:
            RequestError: it cannot be sent along that route.
            RateLimited: there will be no room in time.
        """
        passage = await self._flow.ask(call, ways)
        if passage is not None:
            return passage
        first = ways.here
        for other in ways.equals():
            ways.here = other
            passage = self._try_enter(call, ways) or await self._flow.ask(call, ways)
            if passage is not None:
                return passage
        ways.here = first
        self._turn_to(call, ways.route)
        if call.streams and self._waiting is not None and not call.may_wait:
            raise MustWait
        return await self._flow.enter(call, ways)

    def _turn_to(self, call: Call, route: Route) -> None:
        """Make ready for that route: refuse what its model cannot do, and encode."""
        call.route = route
        arrival, peek, model, gate = call.arrival, call.peek, route.model, route.gate
        assert peek is not None
        if model is not None and gate is not None and not gate.opens(peek, len(arrival.body)):
            admit(model, arrival.face, peek, arrival.body, self.planner.available())
        call.encode()

    def _begin(self, call: Call, passage: Passage) -> AttemptRecord:
        """Open an attempt, and keep it before it is sent, so that the death of the process loses no call."""
        record = call.open_attempt(self._clock.monotonic(), passage)
        if self.prompt_cache is not None:
            self.prompt_cache.prepare(call, record)
        if self._open_calls is not None:
            try:
                self._open_calls.begin(open_call(call, record))
            except BaseException:
                call.attempts.pop()  # it will not be sent
                record.settle("error", Usage(), call.arrival.at_us, record.started)
                self._flow.turn_back(passage)
                raise
        return record

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
        call.error, call.failure = error.code, error
        self.account(call, error.status, "cut" if call.arrival.leave.gone else "error")
        made = call.made or call
        return error_answer(
            call.arrival.face,
            error,
            call.arrival.request_id,
            attempts=len(made.attempts),
            spent=made.ways is not None and made.ways.spent,
            chosen=None if call.chosen is None else call.chosen.header,
        )

    def account(self, call: Call, status: int, outcome: str) -> None:
        """Once per request, whatever happened to it."""
        if call.settled:
            return
        call.settled = True
        call.status, call.outcome = status, outcome
        entry = call.entry(self._clock.monotonic())
        if call.key_hold is not None:
            self._flow.release(call.key_hold, entry.usage, len(call.attempts))
        if call.booking is None:
            self._record(call, entry)
        else:
            call.booking(entry, partial(self._record, call))

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is booked within the block is in the ledger at once, or nothing of it is."""
        bundle: list[Entry] = []
        self._put = bundle.append
        try:
            yield
        finally:
            self._put = self.ledger.record
            self.ledger.record_all(bundle)

    def record_aside(self, entry: Entry) -> None:
        """Book what was no journey of its own: what a request at another gateway pays of a call that was made
        here, or a replay under an idempotency key."""
        self._put(entry)
        _, route = purpose_of(entry.requested) or ("", None)
        self._meter.observe(entry, route)

    def _record(self, call: Call, entry: Entry) -> None:
        call.cost = entry.cost
        chosen = call.chosen
        if chosen is not None and self._chooser is not None:
            self._chooser.settled(call, entry)
        self._put(entry)
        self._meter.observe(entry, None if chosen is None else chosen.decision.route)
        if call.arrival.errand is not None:
            call.arrival.errand.settled(entry)
