"""Cascade: cheap models first, and the baseline for what they say if it cannot be believed.

The cheap calls are made whole, side by side, and nothing of them reaches the client until one is accepted;
then a client that streams gets it as a stream. Each call has its own place in the limits, and is booked
whatever becomes of it. A cheap call is never tried again and never waits in a queue: the baseline is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import inf

import msgspec

from pointsman.dialects.base import Peek
from pointsman.errors import PointsmanError, RequestError, UpstreamUnreachable
from pointsman.resilience import RetryPolicy
from pointsman.routing.cascade import Accept, Asked, Escalate, Reply, Verdict, reply_of

from .account import AttemptRecord
from .as_stream import as_stream
from .call import Call
from .candidates import candidates
from .cascades import Cascade
from .chosen import Chosen
from .flow import Flow
from .hedging import repeatable
from .passage import Passage
from .ports import Clock, OpenCalls, Random
from .respond import answer_headers
from .sending import Account, Begun, Sender, Whole
from .under_way import failed_call
from .values import Answer, Plan, Route, header_value
from .waiting import MustWait

_JSON = b"application/json"
_EVENTS = b"text/event-stream; charset=utf-8"
_ONCE = RetryPolicy(attempts=1)
_NOT_ONE = (("n", b"1"), ("best_of", b"1"))
_NOT_STREAMED = ("logprobs", "audio", "modalities")
"""What would be lost where a whole answer becomes a stream."""


class Cascading:
    """For all requests of a gateway.

    Args:
        cascades: by name of the route.
        total: seconds for a whole request; None for any.
        turn_to: makes a call ready for a route.
        begin: opens an attempt, and keeps it.
        account: books a whole request.
        announces: streams can be told that they wait.
    """

    def __init__(
        self,
        cascades: Mapping[str, Cascade],
        sender: Sender,
        flow: Flow,
        clock: Clock,
        random: Random,
        *,
        total: float | None,
        turn_to: Callable[[Call, Route], None],
        begin: Callable[[Call, Passage], AttemptRecord],
        account: Account,
        open_calls: OpenCalls | None,
        announces: bool,
    ) -> None:
        self._cascades = cascades
        self._sender = sender
        self._flow = flow
        self._clock = clock
        self._random = random
        self._total = total
        self._turn_to = turn_to
        self._begin = begin
        self._account = account
        self._open_calls = open_calls
        self._announces = announces

    async def answer(self, call: Call, chosen: Chosen) -> Answer | None:
        """The answer of a cheap model that is believed; None: the baseline shall answer.

        Raises:
            MustWait: it may take a while, and the client of a stream should be told so.
            PointsmanError: the client has gone, or attempts cannot be kept.
        """
        cascade = self._cascades[chosen.decision.route]
        try:
            verdict = await self._ask(call, chosen, cascade)
        except BaseException as error:
            for record in call.attempts:  # what could not be booked where it ran
                self._sender.lose(call, record, error)
            raise
        if isinstance(verdict, Escalate):
            self._note(chosen, verdict, None)
            return None
        return self._give(call, chosen, *verdict)

    async def _ask(self, call: Call, chosen: Chosen, cascade: Cascade) -> tuple[_Runner, Accept] | Escalate:
        asked = self._asked(call, chosen)
        idle = asked if isinstance(asked, Escalate) else cascade.rule.before(asked)
        if idle is None and call.streams and self._announces and not call.may_wait:
            raise MustWait
        plans, chosen.first = chosen.first, ()
        if isinstance(asked, Escalate):
            return asked
        if idle is not None:
            return idle
        runners = await self._start(call, plans, cascade.samples)
        if isinstance(runners, Escalate):
            return runners
        try:
            await self._run(call, cascade, runners)
        except BaseException as error:
            await self._end(runners, error)
            raise
        await self._end(runners, None)
        verdict = cascade.rule.decide(asked, [runner.reply for runner in runners])
        if isinstance(verdict, Accept):
            return runners[verdict.index], verdict
        if call.arrival.leave.gone:
            raise UpstreamUnreachable("The caller left before there was an answer.")
        self._keep(runners)
        return verdict

    def _asked(self, call: Call, chosen: Chosen) -> Asked | Escalate:
        """What the rules see of the request; or why it is none for several models."""
        peek = call.peek
        assert peek is not None
        if (why := _unfit(peek)) is not None:
            return Escalate("nothing_to_check", why)
        try:
            request = call.request
        except RequestError:  # something that the hub has no word for: its provider may have
            return Escalate("nothing_to_check", "the request cannot be read")
        judgement, first = chosen.decision.judgement, chosen.pool.auto.first[0]
        return Asked(request, None if judgement is None else judgement.losses[first])

    async def _start(self, call: Call, plans: Sequence[Plan], samples: int) -> list[_Runner] | Escalate:
        """All of them under way, or none."""
        entered: list[tuple[Call, Passage]] = []
        runners: list[_Runner] = []
        body = _whole(call)
        try:
            for plan in plans:
                for _ in range(samples):
                    shut = await self._enter(call, plan, body, entered)
                    if shut is not None:
                        return shut
            while entered:
                child, passage = entered.pop(0)
                try:
                    record = self._begin(child, passage)
                except PointsmanError as error:
                    await self._end(runners, error)
                    raise
                task = asyncio.ensure_future(self._sender.reach(child, record, child.arrival.leave))
                runners.append(_Runner(child, record, task))
            return runners
        finally:
            for _, passage in entered:
                self._flow.turn_back(passage)

    async def _enter(
        self, call: Call, plan: Plan, body: bytes, entered: list[tuple[Call, Passage]]
    ) -> Escalate | None:
        child = self._child(call, plan, body)
        ways = child.ways
        assert ways is not None
        now, route = self._clock.monotonic(), ways.route
        if not self._flow.health.deployment(route.deployment, route.provider.name, now).healthy(now):
            return Escalate("failed", f"{route.name} is not well")
        try:
            self._turn_to(child, route)
            passage = self._flow.try_enter(child, ways) or await self._flow.ask(child, ways)
        except RequestError:
            return Escalate("failed", f"{route.name} cannot do the request")
        call.key_hold = child.key_hold
        if passage is None:
            return Escalate("busy", f"the limits of {route.name} have no room")
        entered.append((child, passage))
        return None

    def _child(self, call: Call, plan: Plan, body: bytes) -> Call:
        """The same request to a cheap model, whole. It shares the attempts, and what is held for its key."""
        child = call.leg(body)
        arrival = child.arrival
        arrival.leave = call.arrival.leave.child()
        child.plan, child.streams = plan, False
        child.ways = candidates(
            plan,
            body,
            arrival.key.id,
            health=self._flow.health,
            policy=_ONCE,
            deadline=inf if self._total is None else arrival.started + self._total,
            now=self._clock.monotonic(),
            random=self._random,
        )
        return child

    async def _run(self, call: Call, cascade: Cascade, runners: list[_Runner]) -> None:
        """Until all have answered, or it makes no sense to wait for those that have not."""
        now = self._clock.monotonic()
        patience = cascade.patience
        if self._total is not None:  # the baseline needs the other half
            patience = min(patience, (call.arrival.started + self._total - now) / 2)
        until = now + patience
        waiting = {runner.task for runner in runners}
        while waiting:
            left = max(0.0, until - self._clock.monotonic())
            done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                return
            if cascade.needs_all and any(task.exception() is not None for task in done):
                return

    async def _end(self, runners: list[_Runner], error: BaseException | None) -> None:
        """Stop those that still run, and book each.

        Raises: what a bug of ours raised.
        """
        stopped = [runner for runner in runners if not runner.task.done()]
        for runner in stopped:
            runner.task.cancel()
        results = await asyncio.gather(*[runner.task for runner in runners], return_exceptions=True)
        bug: Exception | None = None
        for runner, result in zip(runners, results, strict=True):
            call, record = runner.call, runner.record
            if isinstance(result, Whole):
                self._sender.book_whole(call, record, result, "ok" if error is None else "cut")
                runner.whole = result
                runner.read()
            elif isinstance(result, PointsmanError):
                self._sender.fail(call, record, result)
            else:
                lost = result if isinstance(result, BaseException) else asyncio.CancelledError()
                self._sender.lose(call, record, lost)
                if isinstance(lost, Exception):
                    bug = lost
        if bug is not None and error is None:
            raise bug

    def _keep(self, runners: list[_Runner]) -> None:
        """What they took, in the place of the most that they could have, while the baseline answers."""
        if self._open_calls is not None:
            for runner in runners:
                self._open_calls.amend(failed_call(runner.call, runner.record))

    def _give(self, call: Call, chosen: Chosen, runner: _Runner, verdict: Accept) -> Answer:
        record, whole = runner.record, runner.whole
        assert whole is not None, "nothing else is accepted"
        call.route, call.first_byte = record.route, self._clock.monotonic()
        self._note(chosen, verdict, record.route)
        self._account(call, 200, "cut" if call.arrival.leave.gone else "ok")
        if not call.streams:
            return Answer(200, answer_headers(call, record, _JSON), whole.body)
        face = call.arrival.face
        stream = as_stream(face.decode_response(whole.body), face.stream_encoder(call.request))
        return Answer(200, answer_headers(call, record, _EVENTS), stream)

    def _note(self, chosen: Chosen, verdict: Verdict, route: Route | None) -> None:
        decision, said = chosen.decision, "accepted" if isinstance(verdict, Accept) else "escalated"
        position = None if route is None else chosen.pool.position_of(route)
        chosen.decision = decision = msgspec.structs.replace(
            decision,
            position=decision.position if position is None else position,
            cascade=f"{said}:{verdict.because}",
        )
        name, header = chosen.header
        chosen.header = (name, header + header_value(f"; cascade={said}; because={verdict.because}"))
        self._flow.counted.cascaded(decision.route, verdict.because, accepted=isinstance(verdict, Accept))


class _Runner:
    """A cheap call under way, and what came of it."""

    __slots__ = ("call", "record", "reply", "task", "whole")

    def __init__(self, call: Call, record: AttemptRecord, task: asyncio.Future[Whole | Begun]) -> None:
        self.call = call
        self.record = record
        self.task = task
        self.whole: Whole | None = None
        self.reply: Reply | None = None

    def read(self) -> None:
        """What the rules see of it; nothing if it cannot be read."""
        assert self.whole is not None
        with suppress(PointsmanError):
            response = self.call.arrival.face.decode_response(self.whole.body)
            self.reply = reply_of(response, self.record.route.name)


def _unfit(peek: Peek) -> str | None:
    """Why it is no request to be put to several models; None if it is one."""
    if not repeatable(peek):
        return "the request does more than ask"
    fields = peek.fields
    if any(name in fields and bytes(fields[name]) not in (one, b"null") for name, one in _NOT_ONE):
        return "several answers are asked for"
    if peek.stream and any(
        name in fields and bytes(fields[name]) not in (b"false", b"null") for name in _NOT_STREAMED
    ):
        return "a whole answer could not be streamed with all that is asked for"
    return None


def _whole(call: Call) -> bytes:
    """The request's body, for an answer that is not streamed. Its other fields stay as they are."""
    peek = call.peek
    assert peek is not None
    if not peek.stream:
        return call.arrival.body
    fields = {name: value for name, value in peek.fields.items() if name not in ("stream", "stream_options")}
    return msgspec.json.encode(fields)
