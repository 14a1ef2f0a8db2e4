from __future__ import annotations

from pointsman.config import AutoRoute, AutoSettings
from pointsman.gateway.auto.routing import RecentSamples, build_routing, terms_of
from pointsman.routing.explaining import Contribution
from pointsman.routing.journal import MemoryJournal
from pointsman.routing.sample import Sample
from pointsman.routing.standing import Terms
from tests.support.decisions import a_decision
from tests.support.routers import in_service

POOL = ("a", "b")
AUTO = AutoRoute("default", POOL, POOL, (), AutoSettings(pool=POOL, floor=0.9, confidence=0.8, min_labels=7))


def test_what_the_settings_ask_for() -> None:
    assert terms_of(AUTO) == Terms(POOL, 0.9, 0.8, 7)


def test_it_begins_with_what_is_in_service() -> None:
    journal = MemoryJournal()
    routing = build_routing({"default": AUTO}, store=in_service(POOL), journal=journal)
    assert routing.services.standing("default").why_not is None
    assert routing.journal is journal
    assert routing.metrics.dropped() == 0
    bare = build_routing({"default": AUTO}, store=None, journal=None)
    assert bare.services.standing("default").why_not == "no_router"


def test_what_spoke_for_a_model_is_told_while_its_prompt_is_known() -> None:
    routing = build_routing({"default": AUTO}, store=in_service(POOL), journal=None)
    routing.samples.add("r", Sample("words"))
    decision = a_decision(models=POOL, position=0, router="digest")
    assert routing.contributions("r", decision) == (Contribution("words", 1.0), Contribution("bias", 0.0))
    assert routing.contributions("other", decision) is None
    assert routing.contributions("r", a_decision(models=POOL, router="another")) is None


def test_only_the_last_short_prompts_are_known() -> None:
    samples = RecentSamples(most=2, longest=10)
    for name in "abc":
        samples.add(name, Sample(name))
    samples.add("long", Sample("x" * 11))
    assert [samples.find(name) is not None for name in ("a", "b", "c", "long")] == [False, True, True, False]
