from __future__ import annotations

import time
from datetime import date

import pytest

from pointsman.catalog import Catalog, Model, load_catalog, successor_of
from pointsman.errors import ConfigurationError
from tests.support.models import M, a_model

CATALOG = load_catalog()

NAMES = [
    # the names that the article uses
    ("opus-4", "claude-opus-4-20250514"),
    ("sonnet-4", "claude-sonnet-4-20250514"),
    ("haiku-4", "claude-3-5-haiku-20241022"),
    ("gpt-4.1", "gpt-4.1"),
    ("gemini-2.5-flash", "gemini-2.5-flash"),
    ("deepseek-v3.2", "deepseek-chat"),
    # aliases of the providers
    ("gpt-4o-2024-11-20", "gpt-4o"),
    ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
    ("gpt-5.6", "gpt-5.6-sol"),
    # models that public recordings name
    ("claude-3-opus-20240229", "claude-3-opus-20240229"),
    ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
    ("gemini-1.5-pro", "gemini-1.5-pro"),
]

PRICES = [
    # id, input, output, cache read: US dollars per million tokens, as printed
    ("claude-fable-5-1", "10", "50", "0.25"),
    ("claude-opus-5-5", "4", "20", "0.2"),
    ("claude-haiku-5-5", "0.1", "0.5", "0.01"),
    ("claude-opus-4-20250514", "15", "75", "1.5"),
    ("claude-3-5-haiku-20241022", "0.8", "4", "0.08"),
    ("gpt-6.1-terra", "1", "5", "0.05"),
    ("gpt-4o", "2.5", "10", "1.25"),
    ("gemini-3.8-flash", "0.75", "3.75", "0.075"),
    ("deepseek-flash", "0.3", "1.2", "0.006"),
    ("claude-3-haiku-20240307", "0.25", "1.25", None),
    ("gemini-1.5-flash", "0.075", "0.3", None),
]


@pytest.mark.parametrize(("name", "model"), NAMES)
def test_names_resolve(name: str, model: str) -> None:
    found = CATALOG.resolve(name)
    assert found is not None
    assert found.id == model


@pytest.mark.parametrize(("name", "reading", "writing", "cached"), PRICES)
def test_prices_are_those_printed(name: str, reading: str, writing: str, cached: str | None) -> None:
    model = CATALOG.resolve(name)
    assert model is not None
    rates = model.prices[-1].standard
    micro = [None if text is None else round(float(text) * M) for text in (reading, writing, cached)]
    assert [rates.input, rates.output, rates.cache_read] == micro


def test_every_model_of_the_four_providers_is_there() -> None:
    counts: dict[str, int] = {}
    for model in CATALOG.all():
        if model.note != "price from general knowledge":
            counts[model.provider] = counts.get(model.provider, 0) + 1
    assert counts == {"anthropic": 17, "openai": 24, "gemini": 8, "deepseek": 4}


@pytest.mark.parametrize("model", CATALOG.all(), ids=lambda m: m.id)
def test_each_packaged_model_is_sound(model: Model) -> None:
    assert model.prices
    assert model.prices[0].effective == date(2000, 1, 1)
    assert model.source
    for prices in model.prices:
        assert prices.standard.input
        assert prices.standard.output
    ending = model.retires is not None or model.status in ("retired", "deprecated")
    if ending:
        assert model.successor
    if model.successor:
        successor = CATALOG.resolve(model.successor)
        assert successor is not None
        assert successor.status == "active"
        assert successor.retires is None


def test_dated_prices() -> None:
    argon, sonnet = CATALOG.resolve("gemini-4-argon"), CATALOG.resolve("claude-sonnet-5-5")
    assert argon is not None
    assert sonnet is not None
    assert [(p.effective, p.standard.input) for p in argon.prices] == [
        (date(2000, 1, 1), 2 * M),
        (date(2026, 12, 1), 4 * M),
    ]
    assert [(p.effective, p.standard.cache_read) for p in sonnet.prices] == [
        (date(2000, 1, 1), M // 5),
        (date(2026, 10, 7), M // 10),
    ]


@pytest.mark.parametrize("name", ["", "nope", "GPT-4o", "gpt-4o ", "preset:real-time-chat"])
def test_other_names_resolve_to_nothing(name: str) -> None:
    assert CATALOG.resolve(name) is None


SUGGESTIONS = [
    ("gpt4o", "gpt-4o"),
    ("claude-opus-55", "claude-opus-5-5"),
    ("Claude-Sonnet-5-5", "claude-sonnet-5-5"),
    ("deepseek-chatt", "deepseek-chat"),
]


@pytest.mark.parametrize(("typed", "meant"), SUGGESTIONS)
def test_a_slip_is_recognised(typed: str, meant: str) -> None:
    assert CATALOG.suggest(typed)[0] == meant


def test_nonsense_has_no_suggestion() -> None:
    assert CATALOG.suggest("zzzzzz") == ()


def test_an_extra_model_replaces_the_packaged_one_and_takes_its_aliases() -> None:
    extra = [a_model("gpt-4o", provider="mine"), a_model("local", aliases=("opus-4",))]
    catalog = load_catalog(extra)
    assert catalog.resolve("gpt-4o") is extra[0]
    assert catalog.resolve("opus-4") is extra[1]
    opus = catalog.resolve("claude-opus-4-20250514")
    assert opus is not None
    assert "opus-4" not in opus.aliases
    assert len(catalog.all()) == len(CATALOG.all()) + 1


@pytest.mark.parametrize(
    "models",
    [
        [a_model("a"), a_model("a", provider="other")],
        [a_model("a"), a_model("b", aliases=("a",))],
        [a_model("a", aliases=("x",)), a_model("b", aliases=("x",))],
    ],
)
def test_one_name_for_two_models_is_refused(models: list[Model]) -> None:
    with pytest.raises(ConfigurationError, match="names two models"):
        Catalog(models)


def test_an_extra_alias_cannot_hide_a_packaged_id() -> None:
    with pytest.raises(ConfigurationError, match="gpt-4o names two models"):
        load_catalog([a_model("local", aliases=("gpt-4o",))])


def test_it_loads_quickly() -> None:
    started = time.process_time()
    load_catalog()
    assert time.process_time() - started < 0.05  # takes 2 ms; the rest is for a busy machine


def test_successors_are_followed_to_their_end() -> None:
    chain = Catalog(
        [a_model("a", successor="b"), a_model("b", successor="c"), a_model("c"), a_model("d", successor="x")]
    )
    assert [successor_of(chain, name).id for name in "acd"] == ["c", "c", "d"]
    ring = Catalog([a_model("a", successor="b"), a_model("b", successor="a")])
    assert successor_of(ring, "a").id == "b"
    with pytest.raises(KeyError):
        successor_of(chain, "unknown")
