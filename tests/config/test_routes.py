from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import load_catalog
from pointsman.config import Names, RoutePolicy, Stage, configured_routes, load_settings
from pointsman.errors import ConfigurationError
from pointsman.resilience.retry import RetryPolicy

PROVIDERS = ("openai", "anthropic", "team")
CATALOG = load_catalog()


def routes_of(routes: dict[str, Any], aliases: dict[str, str] | None = None) -> dict[str, RoutePolicy]:
    settings = load_settings({}, {"routes": routes, "aliases": aliases or {}})
    return configured_routes(settings, Names(CATALOG, PROVIDERS, settings.aliases))


def test_a_route_is_its_models_then_its_fallbacks() -> None:
    routes = routes_of(
        {
            "chat": {"models": ["gpt-4o", "team/big"], "weights": [3, 0], "fallbacks": ["claude-haiku-4-5"]},
            "gpt-4o": {"balance": "prefix", "fallbacks": ["chat", "gpt-4o-mini"], "hedge": True},
        }
    )
    assert routes["chat"].stages == (
        Stage(("gpt-4o", "team/big"), (3, 0)),
        Stage(("claude-haiku-4-5",), (1,)),
    )
    assert routes["gpt-4o"].stages == (
        Stage(("gpt-4o",), (1,), "prefix"),
        Stage(("team/big",), (0,)),
        Stage(("claude-haiku-4-5",), (1,)),
        Stage(("gpt-4o-mini",), (1,)),
    )
    assert (routes["chat"].hedge, routes["gpt-4o"].hedge) == (False, True)


def test_a_route_speaks_on_refusals_and_broken_streams() -> None:
    routes = routes_of({"gpt-4o": {"on_refusal": "next", "continue_streams": True}, "gpt-4o-mini": {}})
    general = RetryPolicy(attempts=7)
    assert routes["gpt-4o-mini"].retries(general) == general
    assert routes["gpt-4o"].retries(general) == RetryPolicy(7, on_refusal="next", continue_streams=True)


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ({"new": {}}, "routes.new.models: there is no model new"),
        (
            {"r": {"models": ["gpt-4o", "gpt-4p"]}},
            "routes.r.models[1]: there is no model gpt-4p; did you mean",
        ),
        ({"r": {"models": ["other/x"]}}, "routes.r.models[0]: no provider other is configured"),
        (
            {"gpt-4o": {"fallbacks": ["gpt-4o-mini", "zzz"]}},
            "routes.gpt-4o.fallbacks[1]: there is no model zzz",
        ),
        ({"r": {"models": ["gpt-4o"], "weights": [1, 2]}}, "routes.r.weights: there are 2 for 1 models"),
        ({"r": {"models": ["gpt-4o"], "weights": [0]}}, "routes.r.weights: at least one is above 0"),
        ({"r": {"models": ["gpt-4o", "gpt-4o"]}}, "routes.r.models: one is named twice"),
        ({"quick": {"models": ["gpt-4o"]}}, "routes.quick: aliases has this name too"),
        (
            {"gpt-4o": {"fallbacks": ["gpt-4o-mini"]}, "gpt-4o-mini": {"fallbacks": ["gpt-4o"]}},
            "routes.gpt-4o.fallbacks: this leads in a circle: gpt-4o → gpt-4o-mini → gpt-4o. ",
        ),
        ({"gpt-4o": {"fallbacks": ["gpt-4o"]}}, "routes.gpt-4o.fallbacks: this leads in a circle"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(routes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        routes_of(routes, {"quick": "gpt-4o"})
    assert caught.value.message.startswith(message)
    assert caught.value.param is not None and message.startswith(caught.value.param)


def test_two_models_may_be_each_other_s_fallback_where_they_are_named_as_models() -> None:
    routes = routes_of(
        {
            "gpt-4o": {"fallbacks": ["openai/gpt-4o-mini"]},
            "gpt-4o-mini": {"fallbacks": ["openai/gpt-4o"]},
        }
    )
    assert [stage.models for stage in routes["gpt-4o-mini"].stages] == [("gpt-4o-mini",), ("openai/gpt-4o",)]


def test_the_example_of_the_document_is_valid() -> None:
    document = Path(__file__).parents[2] / "docs" / "configuration.md"
    example = document.read_text(encoding="utf-8").partition("## Routes\n\n```toml\n")[2].partition("```")[0]
    routes = routes_of(tomllib.loads(example)["routes"])
    assert [stage.models for stage in routes["chat"].stages] == [
        ("gpt-4o", "team/llama-70b"),
        ("claude-haiku-4-5",),
    ]
    assert routes["claude-haiku-4-5"].hedge


LETTERS = ["a", "b", "c", "d"]


@given(st.dictionaries(st.sampled_from(LETTERS), st.lists(st.sampled_from(LETTERS), max_size=3, unique=True)))
def test_fallbacks_are_a_circle_or_an_order_without_repeats(graph: dict[str, list[str]]) -> None:
    names = {letter: f"team/{letter}" for letter in LETTERS}
    routes = {
        letter: {
            "models": [names[letter]],
            "fallbacks": [target if target in graph else names[target] for target in targets],
        }
        for letter, targets in graph.items()
    }

    def reaches_itself(start: str) -> bool:
        seen, todo = set[str](), list(graph[start])
        while todo:
            here = todo.pop()
            if here in graph and here not in seen:
                seen.add(here)
                todo += graph[here]
        return start in seen

    if any(reaches_itself(letter) for letter in graph):
        with pytest.raises(ConfigurationError, match="circle"):
            routes_of(routes)
        return
    for letter, route in routes_of(routes).items():
        order = [model for stage in route.stages for model in stage.models]
        assert order[0] == names[letter]
        assert len(set(order)) == len(order)
        assert {names[target] for target in graph[letter]} <= set(order)
