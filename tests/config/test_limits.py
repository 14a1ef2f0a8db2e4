from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.config import (
    Names,
    Settings,
    configured_ceilings,
    custom_models,
    key_ceilings,
    limit_shapes,
    load_settings,
)
from pointsman.errors import ConfigurationError
from pointsman.keys import KeyLimits
from pointsman.limits.request.book import ANY_SHAPE, SHAPES, Ceilings, LimitBook

DIALECTS = {"openai": "openai_chat", "anthropic": "anthropic_messages"}


def ceilings_of(file: dict[str, Any]) -> dict[str, Ceilings]:
    settings = load_settings({}, file)
    names = Names(load_catalog(custom_models(settings.models)), list(settings.providers), settings.aliases)
    shapes = limit_shapes(settings, DIALECTS)
    return {str(scope): given for scope, given in configured_ceilings(settings, names, shapes).items()}


def test_each_number_is_a_ceiling_of_its_scope() -> None:
    assert ceilings_of(
        {
            "limits": {"claude-haiku-4-5": {"rpm": 60, "input_tpm": 50_000}, "gpt-4o": {"output_tpm": 9}},
            "providers": {"openai": {"limits": {"concurrency": 9, "gpt-4o": {"tpm": 7}}}},
        }
    ) == {
        "model:claude-haiku-4-5": Ceilings(
            rpm=60, input_tpm=50_000, window="refill", slack_us=SHAPES["anthropic_messages"].slack_us
        ),
        "model:gpt-4o": Ceilings(output_tpm=9, window="rolling", slack_us=SHAPES["openai_chat"].slack_us),
        "provider:openai": Ceilings(concurrency=9),
        "deployment:openai/gpt-4o": Ceilings(tpm=7),
    }


def test_the_example_of_the_document_is_valid() -> None:
    document = Path(__file__).parents[2] / "docs" / "limits.md"
    example = document.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    found = ceilings_of(tomllib.loads(example))
    assert set(found) == {"model:claude-haiku-4-5", "provider:openai", "deployment:openai/gpt-4o"}


def test_the_book_takes_them() -> None:
    settings = load_settings({}, {"providers": {"openai": {"limits": {"rpm": 5, "gpt-4o": {"tpm": 7}}}}})
    names = Names(load_catalog(), ["openai"], {})
    shapes = limit_shapes(settings, DIALECTS)
    way = LimitBook(configured_ceilings(settings, names, shapes), shapes).way("openai", "gpt-4o", "gpt-4o")
    assert [(limit.id, limit.amount) for limit in way.limits] == [
        ("provider:openai/rpm", 5),
        ("deployment:openai/gpt-4o/tpm", 7),
    ]


def test_the_window_of_a_table_goes_before_the_account_s() -> None:
    models = {"a": {"rpm": 1, "window": "rolling"}, "b": {"rpm": 1}}
    found = ceilings_of(
        {
            "providers": {
                "openai": {"limits": {"rpm": 1, "window": "refill", **models}},
                "anthropic": {"limits": {"rpm": 1}},
            }
        }
    )
    assert {name: ceilings.window for name, ceilings in found.items()} == {
        "provider:openai": "refill",
        "deployment:openai/a": "rolling",
        "deployment:openai/b": "refill",
        "provider:anthropic": None,
    }


def test_a_model_may_be_named_by_any_of_its_names() -> None:
    file = {
        "aliases": {"fast": "gpt-4o"},
        "models": {"own": {"provider": "team", "context_window": 9}},
        "limits": {"fast": {"rpm": 1}, "own": {"rpm": 2}},
        "providers": {"team": {"limits": {"gpt-4o-2024-08-06": {"rpm": 3}, "not/known": {"rpm": 4}}}},
    }
    assert {name: ceilings.rpm for name, ceilings in ceilings_of(file).items()} == {
        "model:gpt-4o": 1,
        "model:own": 2,
        "deployment:team/gpt-4o": 3,
        "deployment:team/not/known": 4,
    }


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ({"limits": {"gpt-4p": {"rpm": 1}}}, "limits.gpt-4p: there is no model gpt-4p; did you mean gpt-4"),
        ({"limits": {"team/x": {"rpm": 1}}}, 'limits."team/x": no provider team is configured'),
        (
            {"limits": {"gpt-4o": {"rpm": 1}, "gpt-4o-2024-08-06": {"rpm": 2}}},
            "limits.gpt-4o-2024-08-06: this is the same model as gpt-4o",
        ),
        (
            {"providers": {"a.b": {"limits": {"gpt-4o": {}, "gpt-4o-2024-08-06": {}}}}},
            'providers."a.b".limits.gpt-4o-2024-08-06: this is the same model as gpt-4o',
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(file: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ceilings_of(file)
    assert caught.value.message.startswith(message)
    assert caught.value.param is not None and message.startswith(caught.value.param)


def test_providers_count_as_their_dialect_does() -> None:
    dialects = DIALECTS | {"other": "grpc"}
    assert limit_shapes(Settings(), dialects) == {
        "openai": SHAPES["openai_chat"],
        "anthropic": SHAPES["anthropic_messages"],
        "other": ANY_SHAPE,
    }
    given = load_settings({}, {"queue": {"slack": 0.25}})
    assert {shape.slack_us for shape in limit_shapes(given, dialects).values()} == {250_000}


def test_a_key_s_limits_are_ceilings() -> None:
    assert key_ceilings(KeyLimits(1, 2, 3, 4, 5, 6.0, 7.0, 8)) == Ceilings(1, 2, 3, 4, 5)
