"""The whole journey in a small world, and what must hold of it whatever happened.

history = simulate(draw(7))     # raises Broken, whose message names the seed and what was wrong
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from pointsman.http1 import HttpRequest
from pointsman.simulator import Simulator, app
from tests.support.books import Bill
from tests.support.gateway import packaged_catalog
from tests.support.site import Life, Site
from tests.support.verdict import Sent, judge
from tests.support.virtual_time import VirtualClock, run_virtual
from tests.support.visitor import Visitor
from tests.support.worlds import World

_LONGEST = 3_600.0
"""Virtual seconds after which a world hangs."""


class Broken(AssertionError):
    """Something did not hold."""


class History(msgspec.Struct):
    """What happened, in numbers."""

    counted: Counter[str]
    trace: tuple[Any, ...]
    """The same for each run of a seed."""


class _Errors(logging.Handler):
    """Tracebacks that the gateway wrote to its log: each is a bug of ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(logging.Formatter().format(record))


Judge = Callable[[World, Site, list[Visitor], dict[str, Sent], Bill], Counter[str]]


def simulate(world: World, judge: Judge = judge) -> History:
    """Run a world to its end and judge it. Raises Broken."""
    errors, log = _Errors(), logging.getLogger("pointsman")
    propagates, log.propagate = log.propagate, False
    log.addHandler(errors)
    try:
        history = run_virtual(lambda: _simulate(world, errors, judge), limit_seconds=_LONGEST)
    except Exception as error:
        shown = "\n".join([f"{type(error).__name__}: {error}", *errors.found])
        raise Broken(f"seed {world.seed}: {shown}") from error
    finally:
        log.removeHandler(errors)
        log.propagate = propagates
    return history


async def _simulate(world: World, errors: _Errors, judge: Judge) -> History:
    return await _Run(world, errors, judge).run()


class _Run:
    def __init__(self, world: World, errors: _Errors, judge: Judge) -> None:
        self._world = world
        self._judge = judge
        self._errors = errors
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: errors.found.append(str(context)))
        self._clock = VirtualClock()
        self._simulator: Simulator = app(world.simulator, models=packaged_catalog(), clock=self._clock)
        self._sent: dict[str, Sent] = {}
        self._visitors: list[Visitor] = []
        self._running: dict[asyncio.Task[Visitor], Life] = {}
        self._site = Site(world, self._simulator, self._clock, self._note)

    async def run(self) -> History:
        for at, what, *more in sorted(self._events(), key=lambda event: event[:2]):
            await asyncio.sleep(self._start + at - self._loop.time())
            await getattr(self, f"_{what}")(*more)
        while self._running:
            await asyncio.wait(self._running)
        await asyncio.sleep(10.0)
        for life in self._site.lives:
            await life.transport.settled()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, f"tasks that nobody ended: {left}"
        await self._site.life.ledger.flush()
        self._site.disk.recover()
        service = self._simulator.service
        report = service.invoice.report(in_flight=service.in_flight, summary=False)
        bill = msgspec.convert(msgspec.to_builtins(report), Bill)
        assert not self._errors.found, self._errors.found[0]
        counted = self._judge(self._world, self._site, self._visitors, self._sent, bill)
        for life in self._site.lives:
            await life.gateway.close()
        trace = tuple((one.status, one.began, one.ended, one.read().text) for one in self._visitors)
        return History(counted, trace)

    @property
    def _start(self) -> float:
        return 1_000.0

    def _events(self) -> list[tuple[Any, ...]]:
        world = self._world
        events: list[tuple[Any, ...]] = [(at, "kill") for at in world.kills]
        events += [(at, "jump", by) for at, by in world.jumps]
        events += [(visit.at, "visit", visit) for visit in world.visits]
        for begin, end, place in world.outages:
            events += [(begin, "break", place), (end, "mend", place)]
        for begin, end in world.full:
            events += [(begin, "fill", True), (end, "fill", False)]
        return events

    async def _visit(self, visit: Any) -> None:
        life = self._site.life
        visitor = Visitor(visit, life.gateway.app)
        self._visitors.append(visitor)
        task = asyncio.create_task(visitor.run(), name=f"visitor {len(self._visitors)}")
        self._running[task] = life
        task.add_done_callback(self._over)
        if visit.ending != "stays":
            self._loop.call_later(visit.after, self._end, visitor, task)

    def _over(self, task: asyncio.Task[Visitor]) -> None:
        del self._running[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.found.append(f"a visitor met {error!r}")

    def _end(self, visitor: Visitor, task: asyncio.Task[Visitor]) -> None:
        if visitor.ended is None and visitor.left is None:
            visitor.left = self._loop.time()
            if visitor.visit.ending == "leaves":
                visitor.leave()
            else:
                task.cancel()

    async def _kill(self) -> None:
        life = self._site.life
        life.kill()
        theirs = [task for task, of in self._running.items() if of is life]
        for visitor in self._visitors:
            if visitor.ended is None:
                visitor.killed, visitor.left = True, self._loop.time()
        for task in (*theirs, *life.calls_that_are_shared()):
            task.cancel()
        self._site.start()

    async def _jump(self, by: float) -> None:
        self._clock.jump(by)

    async def _break(self, place: str) -> None:
        self._site.down.add(place)

    async def _mend(self, place: str) -> None:
        self._site.down.discard(place)

    async def _fill(self, full: bool) -> None:
        self._site.disk.full = full

    def _note(self, request: HttpRequest) -> None:
        name = dict(request.headers)["x-client-request-id"]
        assert name not in self._sent, f"sent twice: {name}"
        self._sent[name] = Sent(self._loop.time(), request)
