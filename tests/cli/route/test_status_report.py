from __future__ import annotations

from pointsman.cli.route.facts import Decisions, RouteFacts
from pointsman.cli.route.status_report import status_data, status_text
from pointsman.config import AutoRoute, AutoSettings
from pointsman.gateway.auto.routing import terms_of
from pointsman.routing.journal import InService, Withdrawn
from pointsman.routing.journal.services import shown_by
from pointsman.routing.labels.kept import LabelCount
from pointsman.routing.standing import NOTHING, standing
from tests.support.routers import WordJudge, certified

AUTO = AutoRoute("x", ("a", "b"), ("a", "b"), (), AutoSettings(pool=("a", "b")))
CERTIFICATE = certified(("a", "b"))


def facts(*, withdrawn: bool = False) -> RouteFacts:
    shown = shown_by(CERTIFICATE, withdrawn=withdrawn)
    return RouteFacts(
        AUTO,
        standing(WordJudge(("a", "b")), shown, terms_of(AUTO)),
        InService("x", "digest", 1, b"{}", CERTIFICATE.id, 2, Withdrawn(3, "drift") if withdrawn else None),
        CERTIFICATE,
        None,
        (LabelCount("x", "a", "shadow", 1200, 1200, 0.75, 1, 2),),
        (Decisions("certified", "a", 2000, 4),),
    )


def test_a_route_that_works() -> None:
    text = status_text(facts(), 10)
    assert "auto:x  (learned: a, b)" in text and "now: the router chooses" in text
    assert "at least 98.0% of the baseline's quality with 95% confidence, saves 32%" in text
    assert "labels: 1,200 of a by shadow, mean score 0.750" in text
    assert "decided: 2,000 × a (certified)" in text
    data = status_data(facts(), 10)
    assert data["why_baseline"] is None
    assert data["certificate"]["saving"] == 0.32


def test_a_route_that_does_not() -> None:
    assert "alarm: withdrawn 1970-01-01T00:00. drift" in status_text(facts(withdrawn=True), 10)
    assert status_data(facts(withdrawn=True), 10)["why_baseline"] == "withdrawn"
    bare = RouteFacts(AUTO, NOTHING, InService("x"), None, "[auto.x] goes to its baseline: away", (), ())
    assert "problem: [auto.x] goes to its baseline: away" in status_text(bare, 10)
    assert status_data(bare, 10)["router"] is None
