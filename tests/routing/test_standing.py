from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.routing.judgement import Judgement
from pointsman.routing.standing import NOTHING, Shown, Terms, in_order, standing
from tests.support.routers import WordJudge

POOL = ("a", "b", "c")
TERMS = Terms(POOL, 0.98, 0.95, 500)
SHOWN = Shown("cert", "digest", POOL, (1.0, 2.0, 3.0), 0.1, 0.98, 0.95, 1000, expires_us=100)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"router": "other"}, "other_router"),
        ({"models": ("a", "c", "b")}, "other_pool"),
        ({"models": ("a", "b", "x")}, "other_pool"),
        ({"models": ("b", "a", "c")}, None),
        ({"labels": 499}, "few_labels"),
        ({"floor": 0.97}, "other_terms"),
        ({"confidence": 0.9}, "other_terms"),
        ({"floor": 0.99, "confidence": 0.99}, None),
        ({"withdrawn": True}, "withdrawn"),
    ],
)
def test_router_and_certificate_must_fit(changes: dict[str, Any], why: str | None) -> None:
    found = standing(WordJudge(POOL), msgspec.structs.replace(SHOWN, **changes), TERMS)
    assert found.why_not == found.why_not_at(99) == why
    assert found.why_not_at(100) == (why or "expired")
    assert found.judge is not None


def test_without_one_of_them() -> None:
    assert standing(None, SHOWN, TERMS).why_not == NOTHING.why_not == "no_router"
    assert standing(WordJudge(POOL), None, TERMS).why_not == "no_certificate"
    other = standing(WordJudge(("a", "c")), SHOWN, TERMS)
    assert (other.why_not, other.places) == ("other_pool", ())


def test_everything_is_put_in_the_order_of_the_pool() -> None:
    shown = msgspec.structs.replace(SHOWN, models=("b", "a", "c"), costs=(7.0, 5.0, 9.0))
    found = standing(WordJudge(("b", "a", "c")), shown, TERMS)
    assert (found.places, found.costs) == ((1, 0, 2), (5.0, 7.0, 9.0))
    judged = Judgement((0.1, 0.2, 0.3), (0.4, 0.5, 0.0), 0.6)
    assert in_order(judged, found.places) == Judgement((0.2, 0.1, 0.3), (0.5, 0.4, 0.0), 0.6)
    assert in_order(judged, (0, 1, 2)) is judged
