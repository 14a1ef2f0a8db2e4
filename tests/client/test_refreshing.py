from __future__ import annotations

import asyncio

from pointsman.client.in_process import InProcess
from pointsman.client.refreshing import EVERY, KEEP_EVERY, Refreshing
from pointsman.config import AutoRoute, AutoSettings
from pointsman.gateway.auto.routing import build_routing
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.ledger import MemoryLedger
from pointsman.providers import simulated_providers
from pointsman.routing.judgement import Judgement
from tests.support.clock import FakeClock
from tests.support.decisions import a_decision
from tests.support.routers import RouterShelf, WordJudge, certified, in_service
from tests.support.stack import settings
from tests.support.upstream import Scripted, ScriptedTransport

POOL = ("a", "b")
MODELS = ("gpt-4o-mini", "gpt-4.1")
BODY = b'{"model":"auto","messages":[{"role":"user","content":"Hi"}]}'
ANSWER = (
    b'{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"Hi"}}],"usage":{"prompt_tokens":5,"completion_tokens":1}}'
)
AUTO = AutoRoute("default", POOL, POOL, (), AutoSettings(pool=POOL))


def test_it_looks_once_in_a_second() -> None:
    shelf = in_service(POOL)
    routing = build_routing({"default": AUTO}, store=shelf, journal=None)
    shelf.put(WordJudge(POOL), certified(POOL, labels=2000))

    async def work() -> list[int]:
        refreshing, seen = Refreshing(routing, 100.0), []
        for now in (100.0, 100.0 + EVERY / 2, 100.0 + EVERY):
            await refreshing.look(now)
            shown = routing.services.standing("default").shown
            seen.append(0 if shown is None else shown.labels)
        await refreshing.close()
        return seen

    assert asyncio.run(work()) == [1000, 1000, 2000]
    assert shelf.seen == {}


def test_what_has_drifted_is_written_now_and_then() -> None:
    shelf = in_service(POOL)
    routing = build_routing({"default": AUTO}, store=shelf, journal=None)
    judged = Judgement((0.99, 1.0), (0.01, 0.0), 0.0)
    routing.watch.decided(a_decision(route="default", policy="learned", models=POOL, judgement=judged))

    async def work() -> None:
        refreshing = Refreshing(routing, 0.0)
        await refreshing.look(KEEP_EVERY - EVERY)
        await refreshing.close()
        assert shelf.seen == {}
        await refreshing.look(KEEP_EVERY)
        await refreshing.close()

    asyncio.run(work())
    assert list(shelf.seen) == [certified(POOL).id]


def test_a_client_sees_what_is_put_in_service() -> None:
    shelf, clock = RouterShelf(), FakeClock()
    gateway = build_gateway(
        settings(auto={"default": {"pool": ["gpt-4o-mini", "gpt-4.1"]}}),
        simulated_providers("http://127.0.0.1:9"),
        ledger=MemoryLedger(),
        routers=shelf,
        door=OPEN_DOOR,
        environment={},
        transport=ScriptedTransport(*[Scripted(body=ANSWER)] * 3),
        clock=clock,
    )

    async def work() -> list[str]:
        backend = InProcess(gateway, refreshing=Refreshing(gateway.routing, clock.monotonic()))
        routes = [(await backend.send(BODY)).headers["x-pointsman-route"]]
        shelf.put(WordJudge(MODELS), certified(MODELS))
        for seconds in (EVERY / 2, EVERY / 2):
            clock.advance(seconds)
            routes.append((await backend.send(BODY)).headers["x-pointsman-route"])
        await backend.close()
        return [route.rpartition("=")[2] for route in routes]

    assert asyncio.run(work()) == ["no_router", "no_router", "certified"]
