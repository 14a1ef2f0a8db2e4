from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.cli.route.facts import route_facts, the_auto
from pointsman.config import AutoRoute, AutoSettings
from pointsman.errors import NotFound
from pointsman.routing.evidence.certificate import encode_certificate
from pointsman.routing.journal.sqlite import SqliteRouters
from tests.support.routers import certified

AUTO = AutoRoute("x", ("a", "b"), ("a", "b"), (), AutoSettings(pool=("a", "b")))


def test_a_route_that_is_not_there_is_told_with_those_that_are() -> None:
    assert the_auto({"x": AUTO}, "x") is AUTO
    with pytest.raises(NotFound, match=r"no \[auto\.y\].*There are: x\."):
        the_auto({"x": AUTO}, "y")


def test_a_router_that_cannot_be_read_is_a_problem_and_not_an_error(tmp_path: Path) -> None:
    store = SqliteRouters(tmp_path / "a.db", now_us=lambda: 7)
    store.install_router("x", "d", b"not a router")
    store.install_certificate("x", "cert", "d", b"{}")
    (facts,) = route_facts({"x": AUTO}, tmp_path / "a.db", 0, lambda: 7)
    assert facts.certificate is None
    assert facts.problem is not None and facts.problem.startswith("[auto.x] goes to its baseline: ")
    assert facts.standing.why_not_at(7) == "no_router"


def test_a_certificate_alone(tmp_path: Path) -> None:
    store = SqliteRouters(tmp_path / "a.db", now_us=lambda: 7)
    given = certified(("a", "b"))
    store.install_certificate("x", given.id, given.router, encode_certificate(given))
    (facts,) = route_facts({"x": AUTO}, tmp_path / "a.db", 0, lambda: 7)
    assert facts.certificate == given
    assert facts.in_service.certificate_at_us == 7
