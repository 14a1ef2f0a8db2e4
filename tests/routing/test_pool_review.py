from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import Capabilities, Catalog, PriceList, Rates
from pointsman.routing.pool_review import MIN_PROMPTS, Answers, Beaten, beaten, candidates
from tests.support.models import SINCE, M, a_model

TODAY = date(2026, 11, 23)
NOW_US = 1_795_435_200_000_000
ABLE = Capabilities(vision=True, tools=True)


Models = dict[str, tuple[float, int]]
"""By name: score and cost."""


def answers(models: Models, count: int = MIN_PROMPTS) -> list[Answers]:
    """The same for all prompts."""
    return [
        Answers(
            {name: score for name, (score, _) in models.items()},
            {name: cost for name, (_, cost) in models.items()},
        )
    ] * count


@pytest.mark.parametrize(
    ("models", "found"),
    [
        ({"a": (0.5, 10), "b": (0.6, 9)}, {("a", "b", True)}),
        ({"a": (0.5, 10), "b": (0.5, 10)}, {("a", "b", True)}),  # the later one stays
        ({"a": (0.5, 10), "b": (0.6, 11)}, set()),
        ({"a": (0.6, 10), "b": (0.5, 9)}, set()),
        ({"a": (0.5, 10), "b": (0.6, 9), "c": (0.7, 9)}, {("a", "c", True), ("b", "c", True)}),
        ({"a": (0.9, 1), "b": (0.6, 9)}, {("b", "a", True)}),
        ({"a": (0.5, 0), "b": (0.6, 0)}, {("a", "b", True)}),
    ],
)
def test_models_that_are_not_worth_their_money(models: Models, found: set[tuple[str, str, bool]]) -> None:
    assert {(one.model, one.by, one.sure) for one in beaten(answers(models), list(models))} == found


def test_what_is_said_of_one() -> None:
    (one,) = beaten(answers({"a": (0.5, 10), "b": (0.75, 4)}, 60), ["a", "b"])
    assert (one.better.value, one.prompts, round(one.cheaper, 6)) == (0.25, 60, 0.6)


def test_a_difference_within_its_error_is_only_likely() -> None:
    mixed = [*answers({"a": (0, 10), "b": (1, 9)}, 30), *answers({"a": (1, 10), "b": (0, 9)}, 25)]
    (one,) = beaten(mixed, ["a", "b"])
    assert not one.sure and one.better.low < 0 < one.better.value


def test_too_few_prompts_or_prices_say_nothing() -> None:
    assert beaten(answers({"a": (0.5, 10), "b": (0.6, 9)}, MIN_PROMPTS - 1), ["a", "b"]) == ()
    unpriced = [Answers({"a": 0.5, "b": 0.6}, {"a": 10})] * 99
    assert beaten(unpriced, ["a", "b"]) == ()


@given(
    st.dictionaries(
        st.sampled_from("abcd"), st.tuples(st.sampled_from([0, 0.5, 1]), st.integers(0, 3)), min_size=1
    )
)
def test_never_are_all_beaten(models: Models) -> None:
    found: tuple[Beaten, ...] = beaten(answers(models), list(models))
    assert len(found) < len(models)


def priced(tokens_in: int, tokens_out: int) -> tuple[PriceList, ...]:
    return (PriceList(SINCE, Rates(input=tokens_in * M, output=tokens_out * M)),)


SMALL = a_model("small", prices=priced(1, 4), capabilities=ABLE)
LARGE = a_model("large", prices=priced(10, 40), capabilities=ABLE, successor="larger")
CATALOG = Catalog(
    [
        SMALL,
        LARGE,
        a_model("larger", prices=priced(5, 20), capabilities=ABLE),
        a_model("tiny", prices=priced(0, 1), capabilities=ABLE),
        a_model("cheap", prices=priced(0, 2), capabilities=ABLE),
        a_model("blind", prices=priced(0, 0), capabilities=Capabilities(tools=True)),
        a_model("short", prices=priced(0, 0), capabilities=ABLE, context_window=10),
        a_model("gone", prices=priced(0, 0), capabilities=ABLE, status="retired"),
        a_model("going", prices=priced(0, 0), capabilities=ABLE, retires=date(2026, 12, 24)),
        a_model("elsewhere", provider="far", prices=priced(0, 0), capabilities=ABLE),
        a_model("other", provider="near", prices=priced(0, 3), capabilities=ABLE),
        a_model("unpriced", prices=(), capabilities=ABLE),
        a_model("ending", prices=priced(1, 4), capabilities=ABLE, retires=date(2026, 12, 1), successor="new"),
        a_model("new", prices=priced(2, 4), capabilities=ABLE),
    ]
)


def names(pool: list[str], providers: set[str]) -> list[tuple[str, str, float]]:
    models = {name: model for name in pool if (model := CATALOG.resolve(name)) is not None}
    found = candidates(CATALOG, models, (600, 100), NOW_US, TODAY, providers)
    return [(one.model, one.instead_of, round(one.cheaper, 6)) for one in found]


def test_what_there_is_to_try() -> None:
    assert names(["small", "large"], {"acme", "near"}) == [
        ("larger", "large", 0.5),
        ("tiny", "small", 0.9),
        ("other", "small", 0.7),
    ]
    assert names(["small", "larger"], {"near"}) == [("other", "small", 0.7)]
    assert names(["small", "large", "larger"], set()) == []


def test_a_model_that_ends_needs_its_successor_though_it_is_dearer() -> None:
    (one,) = candidates(CATALOG, {"e": CATALOG.resolve("ending") or SMALL}, (600, 100), NOW_US, TODAY, set())
    assert (one.model, one.instead_of, one.because) == ("new", "e", "e retires on 2026-12-01")
    assert one.cheaper < 0


def test_nothing_is_said_where_no_price_is_known() -> None:
    assert candidates(CATALOG, {"u": a_model("u", prices=())}, (1, 1), NOW_US, TODAY, {"acme"}) == ()
