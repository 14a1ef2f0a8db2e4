"""From a model's name to where it is to be had."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pointsman.catalog import Capabilities, Catalog, Model, Preset
from pointsman.config.routes import RoutePolicy, Stage
from pointsman.errors import ModelNotFound
from pointsman.gateway.call.planner import Planner, preset_defaults
from pointsman.gateway.call.values import Plan
from pointsman.providers import Provider
from pointsman.resilience import RetryPolicy
from tests.support.models import a_model

TODAY = date(2026, 11, 23)
ACME = Provider(name="acme", dialect="openai_chat", base_url="https://acme/v1", model_names={"m": "acme-m"})
BULK = Provider(name="bulk", dialect="anthropic_messages", base_url="https://bulk", serves=("acme", "zeta"))
MODELS = (
    a_model("m", aliases=("m-2026", "opus-4")),
    a_model("n", aliases=("n-2026-01-01", "sonnet-4")),
    a_model("z", provider="zeta"),
    a_model("lonely", provider="nobody"),
    a_model("old", status="retired", successor="m"),
    a_model("ending", retires=date(2026, 12, 1)),
    a_model("later", retires=date(2028, 1, 1)),
)
PRESETS = {"quick": Preset(name="quick", description="", model="short", temperature=0.5, max_output=7)}


def plan(name: str, providers: tuple[Provider, ...] = (ACME, BULK), **more: Any) -> Plan:
    aliases = {"short": "m", "acme/pinned": "z", "p": "preset:quick"}
    planner = Planner(Catalog(MODELS), providers, aliases=aliases, presets=PRESETS, **more)
    return planner.plan(name, lambda: TODAY)


FOUND: list[tuple[str, str, str, str]] = [
    ("m", "acme", "acme-m", "m"),
    ("m-2026", "acme", "acme-m", "m"),
    ("n", "acme", "n", "n"),
    ("n-2026-01-01", "acme", "n-2026-01-01", "n"),
    ("sonnet-4", "acme", "n", "n"),
    ("short", "acme", "acme-m", "m"),
    ("z", "bulk", "z", "z"),
    ("acme/pinned", "bulk", "z", "z"),
    ("bulk/m", "bulk", "m", "m"),
    ("acme/brand-new", "acme", "brand-new", "brand-new"),
    ("acme/org/name", "acme", "org/name", "org/name"),
    ("preset:quick", "acme", "acme-m", "m"),
    ("p", "acme", "acme-m", "m"),
]


@pytest.mark.parametrize(("name", "provider", "upstream", "shown"), FOUND)
def test_where_a_name_leads(name: str, provider: str, upstream: str, shown: str) -> None:
    route = plan(name).route
    assert (route.provider.name, route.upstream_model, route.name) == (provider, upstream, shown)
    assert (route.model is None) == (shown not in {model.id for model in MODELS})
    assert (route.pricer is None) == (route.model is None)


def test_the_address_is_the_providers_with_the_dialects_path() -> None:
    assert plan("m").route.url == "https://acme/v1/chat/completions"
    assert plan("z").route.url == "https://bulk/v1/messages"


def test_the_models_own_provider_is_asked_before_one_that_serves_it_too() -> None:
    assert plan("m", (BULK, ACME)).route.provider is ACME
    assert plan("m", (BULK,)).route.provider is BULK


UNKNOWN: list[tuple[str, str]] = [
    ("latter", "Did you mean later"),
    ("", "is not known"),
    ("acme/", "is not known"),
    ("/m", "is not known"),
    ("nowhere/m", "PROVIDER/MODEL"),
    ("M", "Did you mean m"),
    ("preset:none", "Known presets: quick"),
    ("preset:", "Known presets: quick"),
    ("lonely", "no provider that serves it is configured"),
]


@pytest.mark.parametrize(("name", "hint"), UNKNOWN)
def test_a_name_that_leads_nowhere_is_told_what_could_be_meant(name: str, hint: str) -> None:
    with pytest.raises(ModelNotFound, match=hint) as caught:
        plan(name)
    assert caught.value.param == "model"


def test_the_end_of_a_model_is_told() -> None:
    assert "was retired; its successor is m" in plan("old").warning
    assert "will be retired on 2026-12-01, in 8 days" in plan("ending").warning
    assert (plan("later").warning, plan("m").warning) == ("", "")


def test_the_day_is_asked_for_each_time() -> None:
    """A route is kept; the warning must not be."""
    planner = Planner(Catalog(MODELS), (ACME,))
    assert "in 8 days" in planner.plan("ending", lambda: TODAY).warning
    assert "was retired on 2026-12-01" in planner.plan("ending", lambda: date(2027, 1, 1)).warning
    assert "in 8 days" in planner.plan("ending", lambda: TODAY).warning
    assert planner.plan("ending", lambda: TODAY) is planner.plan("ending", lambda: TODAY)


def test_free_names_are_not_kept() -> None:
    planner = Planner(Catalog(MODELS), (ACME,))
    assert planner.plan("m", lambda: TODAY).route is planner.plan("m", lambda: TODAY).route
    free = [planner.plan("acme/free", lambda: TODAY).route for _ in range(2)]
    assert free[0] is not free[1]


def test_what_can_be_asked_for() -> None:
    planner = Planner(Catalog(MODELS), (BULK, ACME), presets=PRESETS)
    assert [model.id for model in planner.available()] == ["m", "n", "z", "old", "ending", "later"]
    assert planner.providers == (BULK, ACME)
    assert planner.presets == PRESETS


PRESET = Preset(name="p", description="", model="m", temperature=0.3, top_p=0.9, max_output=50)
DEFAULTS: list[tuple[Capabilities, dict[str, Any]]] = [
    (Capabilities(), {"temperature": 0.3, "top_p": 0.9, "max_output": 50}),
    (Capabilities(sampling_together=False), {"temperature": 0.3, "max_output": 50}),
    (Capabilities(sampling_params=False), {"max_output": 50}),
]


@pytest.mark.parametrize(("can", "defaults"), DEFAULTS)
def test_a_preset_sets_what_its_model_takes(can: Capabilities, defaults: dict[str, Any]) -> None:
    model: Model = a_model(capabilities=can)
    assert preset_defaults(PRESET, model) == defaults


def test_without_a_preset_nothing_is_set() -> None:
    assert plan("m").defaults == {}
    assert plan("preset:quick").defaults == {"temperature": 0.5, "max_output": 7}


# -- routes of the settings


def routed(*providers: Provider) -> Planner:
    routes = {
        "smart": RoutePolicy(
            "smart",
            (Stage(("m", "bulk/m"), (3, 1), "least_busy"), Stage(("short", "lonely"), (1, 1))),
            on_refusal="next",
            hedge=True,
        ),
        "m": RoutePolicy("m", (Stage(("m",), (1,)), Stage(("n",), (1,)))),
        "gone": RoutePolicy("gone", (Stage(("lonely",), (1,)),)),
    }
    aliases = {"short": "n", "clever": "smart"}
    return Planner(
        Catalog(MODELS), providers, aliases=aliases, routes=routes, retries=RetryPolicy(attempts=7)
    )


def test_a_route_offers_what_is_served_of_it_in_its_order() -> None:
    plan = routed(ACME, BULK).plan("clever", lambda: TODAY)
    first, second = plan.stages
    assert [route.deployment for route in first.routes] == ["acme/m", "bulk/m"]
    assert (first.weights, first.balance) == ((3.0, 1.0), "least_busy")
    assert [route.deployment for route in second.routes] == ["acme/n"], "nobody serves the other"
    assert plan.route is first.routes[0]
    assert plan.hedge
    assert plan.retries == RetryPolicy(attempts=7, on_refusal="next")


def test_a_route_may_have_the_name_of_a_model_and_lead_to_it() -> None:
    plan = routed(ACME).plan("m", lambda: TODAY)
    assert [[route.name for route in stage.routes] for stage in plan.stages] == [["m"], ["n"]]


def test_a_route_of_which_nothing_is_served_says_what_is_missing() -> None:
    with pytest.raises(ModelNotFound, match="no provider that serves it is configured"):
        routed(ACME).plan("gone", lambda: TODAY)


def test_routes_with_names_of_their_own_are_offered_like_models() -> None:
    offered = routed(ACME).offered()
    assert [model.id for model in offered] == ["m", "n", "old", "ending", "later", "smart"]
    assert offered[-1].context_window == MODELS[0].context_window
