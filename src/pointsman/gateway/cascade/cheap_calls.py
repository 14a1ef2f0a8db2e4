"""The calls of a cascade to its cheap models: all of them under way or none, and each of them booked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf

import msgspec

from pointsman.errors import PointsmanError, RequestError
from pointsman.gateway.attempts.sending import Begun, Sender, Whole
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.candidates import candidates
from pointsman.gateway.call.passage import Passage
from pointsman.gateway.call.ports import Clock, OpenCalls, Random
from pointsman.gateway.call.under_way import failed_call
from pointsman.gateway.call.values import Plan, Route
from pointsman.gateway.flow.flow import Flow
from pointsman.resilience import RetryPolicy
from pointsman.routing.cascade import Escalate, Reply, reply_of

from .cascades import Cascade

_ONCE = RetryPolicy(attempts=1)


class CheapCalls:
    """For all requests of a gateway.

    Args:
        total: seconds for a whole request; None for any.
        turn_to: makes a call ready for a route.
        begin: opens an attempt, and keeps it.
    """

    def __init__(
        self,
        sender: Sender,
        flow: Flow,
        clock: Clock,
        random: Random,
        *,
        total: float | None,
        turn_to: Callable[[Call, Route], None],
        begin: Callable[[Call, Passage], AttemptRecord],
        open_calls: OpenCalls | None,
    ) -> None:
        self._sender = sender
        self._flow = flow
        self._clock = clock
        self._random = random
        self._total = total
        self._turn_to = turn_to
        self._begin = begin
        self._open_calls = open_calls

    async def make(self, call: Call, cascade: Cascade, plans: Sequence[Plan]) -> list[CheapCall] | Escalate:
        """All of them, ended and booked; or why there was no use in asking.

        Raises:
            PointsmanError: attempts cannot be kept.
        """
        running = await self._start(call, plans, cascade.samples)
        if isinstance(running, Escalate):
            return running
        try:
            await self._run(call, cascade, running)
        except BaseException as error:
            await self._end(running, error)
            raise
        await self._end(running, None)
        return running

    def keep(self, ended: Sequence[CheapCall]) -> None:
        """What they took, in the place of the most that they could have, while the baseline answers."""
        if self._open_calls is not None:
            for each in ended:
                self._open_calls.amend(failed_call(each.call, each.record))

    async def _start(self, call: Call, plans: Sequence[Plan], samples: int) -> list[CheapCall] | Escalate:
        """All of them under way, or none."""
        entered: list[tuple[Call, Passage]] = []
        running: list[CheapCall] = []
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
                    await self._end(running, error)
                    raise
                task = asyncio.ensure_future(self._sender.reach(child, record, child.arrival.leave))
                running.append(CheapCall(child, record, task))
            return running
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

    async def _run(self, call: Call, cascade: Cascade, running: list[CheapCall]) -> None:
        """Until all have answered, or it makes no sense to wait for those that have not."""
        now = self._clock.monotonic()
        patience = cascade.patience
        if self._total is not None:  # the baseline needs the other half
            patience = min(patience, (call.arrival.started + self._total - now) / 2)
        until = now + patience
        waiting = {each.task for each in running}
        while waiting:
            left = max(0.0, until - self._clock.monotonic())
            done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                return
            if cascade.needs_all and any(task.exception() is not None for task in done):
                return

    async def _end(self, running: list[CheapCall], error: BaseException | None) -> None:
        """Stop those that still run, and book each.

        Raises: what a bug of ours raised.
        """
        stopped = [each for each in running if not each.task.done()]
        for each in stopped:
            each.task.cancel()
        results = await asyncio.gather(*[each.task for each in running], return_exceptions=True)
        bug: Exception | None = None
        for each, result in zip(running, results, strict=True):
            call, record = each.call, each.record
            if isinstance(result, Whole):
                self._sender.book_whole(call, record, result, "ok" if error is None else "cut")
                each.whole = result
                each.read()
            elif isinstance(result, PointsmanError):
                self._sender.fail(call, record, result)
            else:
                lost = result if isinstance(result, BaseException) else asyncio.CancelledError()
                self._sender.lose(call, record, lost)
                if isinstance(lost, Exception):
                    bug = lost
        if bug is not None and error is None:
            raise bug


class CheapCall:
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


def _whole(call: Call) -> bytes:
    """The request's body, for an answer that is not streamed. Its other fields stay as they are."""
    peek = call.peek
    assert peek is not None
    if not peek.stream:
        return call.arrival.body
    fields = {name: value for name, value in peek.fields.items() if name not in ("stream", "stream_options")}
    return msgspec.json.encode(fields)
