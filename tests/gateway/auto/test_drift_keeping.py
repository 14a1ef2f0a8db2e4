from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec
import pytest

from pointsman.config import AutoRoute, AutoSettings
from pointsman.errors import ServerBusy
from pointsman.gateway.auto.drift_keeping import DriftKeeping
from pointsman.gateway.auto.routing import Routing, build_routing
from pointsman.routing.evidence.certificate import encode_certificate
from pointsman.routing.evidence.drift import DriftState
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.judgement import Judgement
from tests.support.decisions import a_decision
from tests.support.routers import RouterShelf
from tests.support.routing_certificates import certificate

POOL = ("haiku", "opus")
AUTO = AutoRoute("default", POOL, POOL, (), AutoSettings(pool=POOL))
STRANGE = a_decision(
    policy="learned", models=POOL, judgement=Judgement((0.1, 1.0), (0.9, 0.0), 0.01), route="default"
)


class Seen:
    def __init__(self) -> None:
        self.state = DriftState("c", 0, [], 0, [])

    def states(self) -> dict[str, DriftState]:
        return {"c": self.state}


def test_only_what_has_changed_is_written() -> None:
    seen, shelf = Seen(), RouterShelf()
    keeping = DriftKeeping(seen, shelf)
    assert asyncio.run(keeping.keep()) == 0
    seen.state.seen = 3
    assert asyncio.run(keeping.keep()) == 1
    assert msgspec.json.decode(shelf.seen["c"], type=DriftState) == seen.state
    assert asyncio.run(keeping.keep()) == 0
    assert asyncio.run(DriftKeeping(seen, None).keep()) == 0


def test_a_store_that_is_away_is_tried_again_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    seen, shelf = Seen(), RouterShelf()
    seen.state.seen, shelf.away = 3, ServerBusy("The file is locked.")
    rounds = 0

    async def sleep(_: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            shelf.away = None
        if rounds == 4:
            raise asyncio.CancelledError

    async def work() -> None:
        with pytest.raises(asyncio.CancelledError):
            await DriftKeeping(seen, shelf, sleep=sleep).run()

    with caplog.at_level(logging.WARNING, "pointsman.routing"):
        asyncio.run(work())
    assert len(caplog.records) == 1 and list(shelf.seen) == ["c"]


def started(store: SqliteRouters) -> Routing:
    return build_routing({"default": AUTO}, store=store, journal=None)


def until_withdrawn(routing: Routing, most: int = 500) -> int:
    for number in range(1, most):
        routing.watch.decided(STRANGE)
        if routing.services.certificate("default") is None:
            return number
    return most


def test_of_two_gateways_on_a_file_the_one_that_has_seen_most_is_gone_on_with(tmp_path: Path) -> None:
    store = SqliteRouters(tmp_path / "a.db", now_us=lambda: 7)
    made = certificate()
    store.install_certificate("default", made.id, made.router, encode_certificate(made))
    busy, idle = started(store), started(store)
    for _ in range(5):
        busy.watch.decided(STRANGE)
    idle.watch.decided(STRANGE)
    asyncio.run(busy.close())
    asyncio.run(idle.close())
    assert msgspec.json.decode(store.drift()[made.id], type=DriftState).seen == 5


def test_the_watch_goes_on_after_a_restart(tmp_path: Path) -> None:
    store = SqliteRouters(tmp_path / "a.db", now_us=lambda: 7)
    made = certificate()
    store.install_certificate("default", made.id, made.router, encode_certificate(made))
    whole = until_withdrawn(started(store))
    first = started(store)
    assert until_withdrawn(first, whole - 2) == whole - 2, "not yet"
    asyncio.run(first.close())
    assert list(store.drift()) == [made.id]
    second = started(store)
    assert until_withdrawn(second) == 3
    second.services.reload()
    assert store.drift() == {}, "withdrawn, so not in force"


def test_a_start_without_the_store_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    shelf = RouterShelf()
    shelf.away = ServerBusy("The file is locked.")
    with caplog.at_level(logging.WARNING, "pointsman.routing"):
        build_routing({"default": AUTO}, store=shelf, journal=None)
    assert "begins anew" in caplog.text
