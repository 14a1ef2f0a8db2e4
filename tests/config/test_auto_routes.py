from __future__ import annotations

from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.config import AutoRoute, Names, auto_model, configured_autos, load_settings
from pointsman.errors import ConfigurationError

CATALOG = load_catalog()
HAIKU, SONNET, MINI = "claude-haiku-4-5", "claude-sonnet-4-5", "gpt-4o-mini"
ALIASES = {"small": HAIKU, "smart": "auto"}


def autos_of(tables: dict[str, Any], **others: Any) -> dict[str, AutoRoute]:
    settings = load_settings({}, {"auto": tables, "aliases": ALIASES} | others)
    return configured_autos(settings, Names(CATALOG, ("openai", "anthropic", "team"), settings.aliases))


@pytest.mark.parametrize(
    ("given", "pool", "models"),
    [
        ({"pool": [MINI, HAIKU]}, (MINI, HAIKU), (MINI, HAIKU)),
        ({"pool": ["small", SONNET]}, ("small", SONNET), (HAIKU, SONNET)),
        ({"pool": [MINI, HAIKU], "baseline": SONNET}, (MINI, HAIKU, SONNET), (MINI, HAIKU, SONNET)),
        ({"pool": [SONNET, MINI], "baseline": SONNET}, (MINI, SONNET), (MINI, SONNET)),
        ({"pool": ["small", MINI], "baseline": HAIKU}, (MINI, HAIKU), (MINI, HAIKU)),
        ({"policy": "fixed", "baseline": "chat"}, ("chat",), ("chat",)),
        ({"pool": ["team/tiny", "chat"]}, ("team/tiny", "chat"), ("team/tiny", "chat")),
    ],
)
def test_a_pool_is_in_order_and_the_baseline_is_its_last(
    given: dict[str, Any], pool: tuple[str, ...], models: tuple[str, ...]
) -> None:
    auto = autos_of({"default": given}, routes={"chat": {"models": [MINI]}})["default"]
    assert (auto.pool, auto.models, auto.first) == (pool, models, ())


def test_its_names() -> None:
    autos = autos_of({name: {"pool": [MINI]} for name in ("default", "support")})
    assert [auto.model for auto in autos.values()] == ["auto", "auto:support"]
    assert auto_model("default") == "auto"


@pytest.mark.parametrize(
    ("cascade", "first"),
    [
        ({}, (0, 1)),
        ({"first": [HAIKU, MINI]}, (1, 0)),
        ({"accept": "schema"}, (0,)),
        ({"accept": "consistency", "first": ["small"]}, (1,)),
    ],
)
def test_a_cascade_knows_whom_it_asks_first(cascade: dict[str, Any], first: tuple[int, ...]) -> None:
    auto = autos_of({"x": {"policy": "cascade", "pool": [MINI, HAIKU, SONNET], "cascade": cascade}})["x"]
    assert auto.first == first


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, 'auto.x.pool: policy "learned" needs a pool'),
        ({"policy": "fixed"}, 'auto.x.pool: policy "fixed" needs a baseline or pool'),
        ({"policy": "cheapest", "baseline": MINI}, 'auto.x.pool: policy "cheapest" needs a pool'),
        ({"pool": [MINI, "gpt-4p"]}, "auto.x.pool[1]: there is no model gpt-4p; did you mean"),
        ({"pool": ["other/x"]}, "auto.x.pool[0]: no provider other is configured"),
        ({"pool": [MINI], "baseline": "nope"}, "auto.x.baseline: there is no model nope"),
        ({"pool": ["auto"]}, "auto.x.pool[0]: auto chooses a model itself"),
        ({"pool": ["smart"]}, "auto.x.pool[0]: smart chooses a model itself"),
        ({"pool": [MINI], "baseline": "auto:x"}, "auto.x.baseline: auto:x chooses"),
        ({"pool": ["small", MINI, HAIKU]}, "auto.x.pool: claude-haiku-4-5 is named twice"),
        ({"policy": "cascade", "pool": [MINI, HAIKU]}, "auto.x.cascade.first: those asked first"),
        (
            {"policy": "cascade", "pool": [MINI, HAIKU, SONNET], "cascade": {"first": [SONNET, MINI]}},
            "auto.x.cascade.first: those asked first",
        ),
        (
            {"policy": "cascade", "pool": [MINI, HAIKU, SONNET], "cascade": {"first": [MINI]}},
            "auto.x.cascade.first: agreement is between two",
        ),
        (
            {"policy": "cascade", "pool": [MINI, HAIKU, SONNET], "cascade": {"first": ["gpt-4o"]}},
            "auto.x.cascade.first[0]: gpt-4o is not in the pool",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        autos_of({"x": given})
    assert caught.value.message.startswith(message)
    assert caught.value.param == message.partition(":")[0]
