from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.catalog import load_catalog
from pointsman.config.auto_routes import AutoRoute, configured_autos
from pointsman.config.names import Names
from pointsman.gateway.call.pool import Pool
from pointsman.gateway.call.question import Question
from pointsman.gateway.cascade.cascades import Cascade, configured_cascades
from pointsman.gateway.cascade.right import CascadeRight
from pointsman.routing.explaining import Contribution
from pointsman.routing.features import Features, Reading, read_features
from pointsman.routing.judgement import Judgement
from pointsman.routing.sample import Sample
from pointsman.routing.standing import NOTHING, Shown, Standing
from tests.support.clock import FakeClock
from tests.support.stack import settings

POOL = ("claude-haiku-4-5", "gpt-4o-mini", "claude-sonnet-4-5")


class Judge:
    models: tuple[str, ...] = POOL
    digest = "router_1"

    def judge_reading(self, reading: Reading) -> Judgement:
        return Judgement((0.5, 0.6, 0.7), (0.2, 0.1, 0.0), 1.0)

    def judge_features(self, features: Features) -> Judgement:
        return self.judge_reading(read_features(features))

    def explain(
        self, sample: Sample, position: int, top: int = 8, against: int | None = None
    ) -> tuple[Contribution, ...]:
        return ()


class InService:
    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def standing(self, route: str) -> Standing:
        return self._standing


def route(**given: Any) -> tuple[AutoRoute, dict[str, Cascade]]:
    table = {"policy": "cascade", "pool": list(POOL), "cascade": given, "min_labels": 100}
    names = Names(load_catalog(), ["anthropic", "openai"], {})
    autos = configured_autos(settings(auto={"x": table}), names)
    return autos["x"], configured_cascades(autos)


def asks(auto: AutoRoute, sample: Sample | None = None) -> Question:
    pool = Pool.__new__(Pool)
    return Question(auto, pool, sample, (True,) * 3, (1, 2, 3), (1.0, 2.0, 3.0), (1.0, 2.0, 3.0), None)


def shown(digest: str, clock: FakeClock, **more: Any) -> Shown:
    good = Shown(
        "cert_1", digest, ("cascade", POOL[-1]), (1.0, 3.0), 0.0, 0.98, 0.95, 500, clock.now_us() + 1
    )
    return msgspec.structs.replace(good, **more)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, None),
        ({"router": "cascade_other"}, "other_cascade"),
        ({"withdrawn": True}, "withdrawn"),
        ({"labels": 99}, "few_labels"),
        ({"floor": 0.97}, "other_terms"),
        ({"confidence": 0.9}, "other_terms"),
        ({"expires_us": 0}, "expired"),
    ],
)
def test_a_certificate_must_be_for_this_cascade_and_in_force(more: dict[str, Any], why: str | None) -> None:
    auto, cascades = route()
    clock = FakeClock()
    given = shown(cascades["x"].digest, clock, **more)
    question = asks(auto)
    right = CascadeRight(InService(Standing(None, given)), cascades, clock)
    assert right.why_not(question) == why
    assert question.certificate == "cert_1"


def test_without_a_certificate_it_may_not_unless_the_settings_waive_it() -> None:
    auto, cascades = route()
    assert CascadeRight(InService(NOTHING), cascades, FakeClock()).why_not(asks(auto)) == "no_certificate"
    auto, cascades = route(certified=False)
    assert CascadeRight(InService(NOTHING), cascades, FakeClock()).why_not(asks(auto)) is None


def test_where_a_router_counts_it_is_asked() -> None:
    auto, cascades = route(accept="score", certified=False)
    standing = Standing(Judge(), None, (0, 1, 2))
    question = asks(auto, Sample("hello"))
    assert CascadeRight(InService(standing), cascades, FakeClock()).why_not(question) is None
    assert question.judgement is not None and question.judgement.losses[0] == 0.2
    assert question.router == "router_1"
    assert CascadeRight(InService(standing), cascades, FakeClock()).why_not(asks(auto)) == "unreadable"
    nobody = CascadeRight(InService(NOTHING), cascades, FakeClock())
    assert nobody.why_not(asks(auto, Sample("hello"))) == "no_router"
