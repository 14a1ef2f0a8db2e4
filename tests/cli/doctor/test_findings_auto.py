from __future__ import annotations

from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.cli.doctor.findings import Finding
from pointsman.cli.doctor.findings_auto import autos, learned
from pointsman.cli.route.facts import RouteFacts
from pointsman.config import AutoRoute, AutoSettings, Names, configured_autos, load_settings
from pointsman.gateway.auto.routing import terms_of
from pointsman.providers import configured_providers
from pointsman.routing.journal import InService
from pointsman.routing.journal.services import shown_by
from pointsman.routing.standing import NOTHING, Standing, standing
from tests.support.routers import WordJudge, certified

MINI, BIG, HAIKU = "gpt-4o-mini", "gpt-4.1", "claude-haiku-4-5"
POOL = ("a", "b")


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.level, finding.subject) for finding in findings]


@pytest.mark.parametrize(
    ("pool", "level"),
    [([MINI, BIG], ""), ([HAIKU, BIG], "doubtful"), ([MINI, HAIKU], "wrong"), (["mine", "openai/x"], "")],
)
def test_pools_must_be_served(pool: list[str], level: str) -> None:
    file = {
        "auto": {"x": {"pool": pool}},
        "routes": {"mine": {"models": [MINI]}},
        "providers": {"openai": {}},
    }
    settings = load_settings({}, file)
    providers = configured_providers(settings, {"OPENAI_API_KEY": "sk-0"})
    names = Names(load_catalog(), [provider.name for provider in providers], settings.aliases)
    found = autos(configured_autos(settings, names), settings, names, providers)
    assert told(found) == ([(level, "auto.x")] if level else [])


def facts(found: Standing, problem: str | None = None, **settings: Any) -> RouteFacts:
    auto = AutoRoute("x", POOL, POOL, (), AutoSettings(pool=POOL, **settings))
    shown = None if found.shown is None else certified(POOL)
    return RouteFacts(auto, found, InService("x"), shown, problem, (), ())


def test_a_route_that_goes_to_its_baseline_is_told() -> None:
    auto = AutoRoute("x", POOL, POOL, (), AutoSettings(pool=POOL))
    good = standing(WordJudge(POOL), shown_by(certified(POOL)), terms_of(auto))
    found = learned(
        [
            facts(good),
            facts(NOTHING),
            facts(NOTHING, "[auto.x] goes to its baseline: damaged"),
            facts(NOTHING, policy="cheapest"),
        ],
        10,
    )
    assert [finding.level for finding in found] == ["good", "doubtful", "wrong", "good"]
    assert found[0].message == "its router chooses, certified until 2100-01-01"
    assert found[1].message == "the route has no trained router in service yet, so the baseline answers"
    assert found[3].message == "chooses by policy cheapest"
