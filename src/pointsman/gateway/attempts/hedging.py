"""Hedging: a second attempt beside one that is slow, on routes with ``hedge = true``. The first answer wins.

Which request is slow, and how many may be asked twice, ``resilience/hedge.py`` says. The one that loses is
given up at once, which closes its connection, and is booked at our estimate: its provider may bill it. A
second attempt never waits for room in limits, and what fails leaves the other one alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from pointsman.dialects.base import Peek
from pointsman.errors import PointsmanError
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.candidates import Candidates
from pointsman.gateway.call.passage import Passage
from pointsman.gateway.call.ports import Clock, Random
from pointsman.gateway.call.refusal import Refused
from pointsman.gateway.call.values import Answer, Route
from pointsman.gateway.flow.flow import Flow
from pointsman.resilience import DeploymentHealth

from .sending import Begun, Sender, Whole

_DOES_THINGS = frozenset({"mcp_servers", "container", "web_search_options", "background"})
"""Fields by which an answer does more than cost: it searches, runs code, calls other servers."""
_OF_THE_CALLER = frozenset({"", "function", "custom"})
"""Types of tools that the caller itself runs."""


class Hedging:
    """For all requests of a gateway."""

    def __init__(
        self,
        sender: Sender,
        flow: Flow,
        clock: Clock,
        random: Random,
        turn_to: Callable[[Call, Route], None],
        begin: Callable[[Call, Passage], AttemptRecord],
    ) -> None:
        """
        Args:
            turn_to: makes a call ready for a route.
            begin: opens an attempt, and keeps it.
        """
        self._sender = sender
        self._flow = flow
        self._clock = clock
        self._random = random
        self._turn_to = turn_to
        self._begin = begin

    async def attempt(self, call: Call, ways: Candidates, record: AttemptRecord) -> Answer:
        """As ``Sender.attempt``, with a second one beside it if the first keeps silent for too long.

        Raises:
            PointsmanError: every attempt failed, this one as the last; ``ways`` is where that was, and knows
                of the others.
        """
        after = self._patience(call, ways)
        if after is None:
            return await self._sender.attempt(call, record, call.arrival.leave)
        runners = [self._run(call, record, ways.here)]
        try:
            await asyncio.wait((runners[0].task,), timeout=after)
            if not (runners[0].task.done() or call.arrival.leave.gone):
                second = await self._second(call, ways)
                if second is not None:
                    runners.append(second)
            winner = await self._race(call, ways, runners)
            for runner in runners:
                if runner is not winner:
                    await self._give_up(call, runner)
                    if runner is runners[0]:
                        self._learn(runner)
        except BaseException:
            await _stop(runners)
            raise
        if winner is not runners[0]:
            self._flow.counted.hedge_won(runners[0].record.route.deployment)
        ways.here, call.route = winner.position, winner.record.route
        return await self._sender.finish(call, winner.record, winner.task.result())

    def _patience(self, call: Call, ways: Candidates) -> float | None:
        """Seconds until a second attempt is due; None if there will be none."""
        peek = call.peek
        if peek is None or not ways.has_attempts(len(call.attempts)):
            return None
        now = self._clock.monotonic()
        first = self._health(ways.route, now)
        for position in ways.others():
            second = self._health(ways.routes[position], now)
            after = self._flow.health.hedge_after(first, second, now, repeatable=True)
            if after is not None:
                return after if repeatable(peek) else None
        return None

    async def _second(self, call: Call, ways: Candidates) -> _Runner | None:
        """The time has come: the second attempt, if one is well and has room."""
        here, now = ways.here, self._clock.monotonic()
        first = self._health(ways.route, now)
        paid = False
        for position in ways.others():
            second = self._health(ways.routes[position], now)
            if second is first or not second.healthy(now):
                continue
            if not paid and not self._flow.health.take_hedge(first, second, now):
                break
            paid = True
            record = await self._enter(call, ways, position)
            if record is not None:
                self._flow.counted.hedged(first.key)
                ways.here = here
                return self._run(call, record, position)
        ways.here = here
        return None

    async def _enter(self, call: Call, ways: Candidates, position: int) -> AttemptRecord | None:
        ways.here, ways.hedging = position, True
        try:
            self._turn_to(call, ways.route)
            passage = self._flow.try_enter(call, ways) or await self._flow.ask(call, ways)
            return None if passage is None else self._begin(call, passage)
        except PointsmanError:  # it cannot be asked this, or the attempt cannot be kept: the first goes on
            return None
        finally:
            ways.hedging = False

    def _run(self, call: Call, record: AttemptRecord, position: int) -> _Runner:
        attempt = self._sender.reach(call, record, call.arrival.leave.child())
        return _Runner(record, position, asyncio.ensure_future(attempt))

    async def _race(self, call: Call, ways: Candidates, runners: list[_Runner]) -> _Runner:
        """The first that has an answer.

        Raises: what the last one failed with, or at once what is a bug.
        """
        running = list(runners)
        while True:
            await asyncio.wait([runner.task for runner in running], return_when=asyncio.FIRST_COMPLETED)
            for runner in [runner for runner in running if runner.task.done()]:
                error = runner.task.exception()
                if error is None:
                    return runner
                running.remove(runner)
                ways.here, call.route = runner.position, runner.record.route
                if not running or not isinstance(error, PointsmanError):
                    raise error
                self._sender.fail(call, runner.record, error)
                if isinstance(error, Refused):
                    ways.refused = error
                ways.failed(error, self._flow.health, self._clock.monotonic(), self._random())

    async def _give_up(self, call: Call, runner: _Runner) -> None:
        """One that has not won: stop it and book it, exactly if it was all there at the same moment."""
        await _stop([runner])
        task, record = runner.task, runner.record
        error = None if task.cancelled() else task.exception()
        if isinstance(error, PointsmanError):
            self._sender.fail(call, record, error)
        elif error is None and not task.cancelled() and isinstance(reached := task.result(), Whole):
            self._sender.book_whole(call, record, reached, "cut")
        else:
            self._sender.lose(call, record, error or asyncio.CancelledError())

    def _learn(self, loser: _Runner) -> None:
        """It took at least so long: without that, what is slow would look the quicker the more is hedged."""
        now = self._clock.monotonic()
        self._health(loser.record.route, now).latency.observe(now - loser.record.started, now)

    def _health(self, route: Route, now: float) -> DeploymentHealth:
        return self._flow.health.deployment(route.deployment, route.provider.name, now)


class _Runner:
    """An attempt under way."""

    __slots__ = ("position", "record", "task")

    def __init__(self, record: AttemptRecord, position: int, task: asyncio.Future[Whole | Begun]) -> None:
        self.record = record
        self.position = position
        self.task = task


async def _stop(runners: list[_Runner]) -> None:
    """Cancel what still runs, and let go of what has come."""
    for runner in runners:
        runner.task.cancel()
    for reached in await asyncio.gather(*[runner.task for runner in runners], return_exceptions=True):
        if isinstance(reached, Begun):
            await reached.relay.close()


class _Tool(msgspec.Struct):
    type: str = ""


_tools = msgspec.json.Decoder(list[_Tool])


def repeatable(peek: Peek) -> bool:
    """Whether to ask it twice does nothing but cost: nothing is stored, and no tool runs at the provider."""
    fields = peek.fields
    if any(bytes(fields[name]) != b"null" for name in _DOES_THINGS & fields.keys()):
        return False
    if "store" in fields and bytes(fields["store"]) not in (b"false", b"null"):
        return False
    raw = fields.get("tools")
    if raw is None or bytes(raw) == b"null":
        return True
    try:
        return all(tool.type in _OF_THE_CALLER for tool in _tools.decode(raw))
    except msgspec.DecodeError:
        return False
