from __future__ import annotations

from pointsman.errors import ConfigurationError, ServerBusy
from pointsman.routing.journal import Withdrawn
from pointsman.routing.journal.services import Services, shown_by
from pointsman.routing.standing import Terms
from tests.support.routers import LATE, RouterShelf, WordJudge, certified, in_service

POOL = ("a", "b")
TERMS = {"default": Terms(POOL, 0.98, 0.95, 500)}


class BrokenShelf(RouterShelf):
    def judge(self, route: str, digest: str) -> WordJudge:
        raise ConfigurationError("The router file is damaged.")


def test_what_is_in_service_stands() -> None:
    shelf = in_service(POOL)
    services = Services(TERMS, shelf)
    assert services.standing("default").why_not == "no_router"
    assert services.reload() and not services.reload()
    assert services.standing("default").why_not is None
    assert services.certificate("default") == certified(POOL)
    assert services.standing("nope").why_not == "no_router"


def test_a_router_is_loaded_once() -> None:
    shelf = in_service(POOL)
    services = Services(TERMS, shelf)
    services.reload()
    judge = services.standing("default").judge
    shelf.put(WordJudge(POOL), certified(POOL, labels=2000))
    services.reload()
    assert services.standing("default").judge is judge
    shown = services.standing("default").shown
    assert shown is not None and shown.labels == 2000


def test_a_store_that_is_away_changes_nothing() -> None:
    shelf = in_service(POOL)
    services = Services(TERMS, shelf)
    services.reload()
    shelf.changes += 1
    shelf.away = ServerBusy("The file is locked.")
    assert not services.reload()
    assert services.problem == "The file is locked."
    assert services.standing("default").why_not is None
    shelf.away = None
    assert services.reload() and services.problem is None


def test_a_router_that_cannot_be_read_is_not_used() -> None:
    shelf = BrokenShelf()
    shelf.put(WordJudge(POOL), certified(POOL))
    services = Services(TERMS, shelf)
    services.reload()
    assert services.standing("default").why_not == "no_router"
    assert services.problem == "[auto.default] goes to its baseline: The router file is damaged."


def test_a_withdrawal_holds_at_once_and_reaches_the_store_when_it_can() -> None:
    shelf = in_service(POOL)
    services = Services(TERMS, shelf)
    services.reload()
    assert services.withdraw("default", "drift") and not services.withdraw("default", "drift")
    assert services.standing("default").why_not == "withdrawn"
    assert services.certificate("default") is None
    shelf.away = ServerBusy("away")
    services.reload()
    assert shelf.withdrawn == []
    shelf.away = None
    services.reload()
    assert shelf.withdrawn == [(certified(POOL).id, "drift")]
    assert services.standing("default").why_not == "withdrawn"


def test_one_that_was_withdrawn_elsewhere() -> None:
    shelf = in_service(POOL)
    services = Services(TERMS, shelf)
    services.reload()
    shelf.put(WordJudge(POOL), certified(POOL), withdrawn=Withdrawn(1, "by hand"))
    services.reload()
    assert services.standing("default").why_not == "withdrawn"
    assert services.certificate("default") is None


def test_without_a_store_nothing_is_in_service() -> None:
    services = Services(TERMS, None)
    assert not services.reload()
    assert services.standing("default").why_not == "no_router"


def test_what_decisions_need_of_a_certificate() -> None:
    shown = shown_by(certified(POOL))
    assert (shown.models, shown.costs, shown.threshold, shown.labels) == (POOL, (1.0, 2.0), 0.1, 1000)
    assert shown.expires_us == int(LATE.timestamp() * 1e6)
    assert shown_by(certified(POOL), withdrawn=True).withdrawn
