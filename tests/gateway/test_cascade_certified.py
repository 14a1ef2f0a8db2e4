"""A cascade by its certificate, over the whole journey: from the first request to drift."""

from __future__ import annotations

from typing import Any

from pointsman.config import Settings
from pointsman.config.auto_routes import configured_autos
from pointsman.config.names import Names
from pointsman.gateway.cascade.cascades import make_cascade
from pointsman.routing.cascade.points import CASCADE
from pointsman.routing.evidence.fingerprint import fingerprint_of
from pointsman.simulator import Config
from tests.support.cascading import BASE, FIRST, OTHER, RECORDED, SAME, cascade, nothing_left, request
from tests.support.gateway import CHAT, packaged_catalog
from tests.support.routers import RouterShelf, certified
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

WHOLE: dict[str, Any] = {"cascade": {"certified": True}}


def digest_of(given: Settings) -> str:
    autos = configured_autos(given, Names(packaged_catalog(), ["anthropic", "openai"], {}))
    return make_cascade(autos["x"]).digest


def shelf_for(digest: str, *, believed: float = 0.9) -> RouterShelf:
    shelf = RouterShelf()
    seen = [1.0] * int(1000 * believed) + [0.0] * (1000 - int(1000 * believed))
    fingerprint = fingerprint_of([(-1.0, 0.0)] * 1000, seen)
    shelf.put(None, certified((CASCADE, BASE), router=digest, fingerprint=fingerprint), "x")
    return shelf


async def ask_for(stack: VirtualStack, prompt: str) -> tuple[str, str]:
    done = await stack.post(CHAT, request(CHAT, prompt))
    return done.headers["x-pointsman-model"], done.headers["x-pointsman-route"]


def test_a_certificate_lets_it_ask_cheap_models_and_is_named() -> None:
    async def work() -> None:
        given = cascade(**WHOLE)
        shelf = shelf_for(digest_of(given))
        async with virtual_stack(Config(replay=RECORDED), given=given, routers=shelf) as stack:
            model, route = await ask_for(stack, SAME)
            assert (model, route.split("; ")[2:]) == (
                FIRST,
                ["reason=cascade", "cascade=accepted", "because=agree"],
            )
            (entry,) = stack.ledger.entries
            shown = (await stack.call(f"/v1/requests/{entry.request_id}", method="GET").run()).json()
            assert shown["routing"]["certificate"] == shelf.services["x"].certificate_id
            assert (shown["routing"]["model"], shown["routing"]["baseline"]) == (FIRST, BASE)
            await nothing_left(stack)

    run_virtual(work)


def test_one_for_another_cascade_does_not() -> None:
    async def work() -> None:
        shelf = shelf_for(digest_of(cascade("consistency")))
        async with virtual_stack(Config(replay=RECORDED), given=cascade(**WHOLE), routers=shelf) as stack:
            model, route = await ask_for(stack, SAME)
            assert model == BASE
            assert "reason=other_cascade" in route

    run_virtual(work)


def test_if_answers_are_believed_in_another_share_the_certificate_is_withdrawn() -> None:
    async def work() -> None:
        given = cascade(**WHOLE)
        shelf = shelf_for(digest_of(given))
        async with virtual_stack(Config(replay=RECORDED), given=given, routers=shelf) as stack:
            for number in range(400):
                _, route = await ask_for(stack, SAME if number % 10 else OTHER)
                assert "reason=cascade" in route, number
            routes = [await ask_for(stack, OTHER) for _ in range(100)]
            assert {model for model, _ in routes} == {BASE}
            before = sum("reason=cascade" in route for _, route in routes)
            assert 3 < before < 90
            assert all("reason=withdrawn" in route for _, route in routes[before:])
            assert len(stack.ledger.entries[-1].attempts) == 1, "cheap models are not asked any more"

    run_virtual(work)
