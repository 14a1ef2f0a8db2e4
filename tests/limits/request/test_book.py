from __future__ import annotations

from pointsman.limits import Dimension, Limit, Scope, make_limit
from pointsman.limits.request.book import (
    MAX_DEPLOYMENTS,
    UNBOUNDED,
    Ceilings,
    LimitBook,
    Shape,
    deployment_scope,
)

SHOP = deployment_scope("shop/m-1")


def told(dimension: Dimension, amount: int) -> Limit:
    return make_limit(SHOP, dimension, amount, window="rolling", source="learned")


def book() -> LimitBook:
    return LimitBook(
        {
            Scope("model", "m"): Ceilings(rpm=10),
            Scope("provider", "shop"): Ceilings(tpm=1_000, concurrency=4),
            SHOP: Ceilings(rpm=60, window="refill"),
        },
        {"shop": Shape("rolling", 500_000)},
    )


def test_the_limits_of_the_key_come_first() -> None:
    way = book().way("shop", "m", "m-1", "k", Ceilings(rpm=5, concurrency=2))
    assert [limit.id for limit in way.limits] == [
        "key:k/rpm",
        "key:k/concurrency",
        "model:m/rpm",
        "provider:shop/tpm",
        "provider:shop/concurrency",
        "deployment:shop/m-1/rpm",
    ]
    assert way.keys == 2
    assert way.deployment == "shop/m-1"


def test_a_provider_counts_as_its_kind_does_unless_told_otherwise() -> None:
    kinds = {limit.id: (limit.window, limit.slack_us) for limit in book().limits_for("shop", "m", "m-1")}
    assert kinds == {
        "model:m/rpm": ("rolling", 500_000),
        "provider:shop/tpm": ("rolling", 500_000),
        "provider:shop/concurrency": ("slots", 0),
        "deployment:shop/m-1/rpm": ("refill", 500_000),
    }


def test_a_way_is_put_together_once() -> None:
    one = book()
    key = Ceilings(rpm=5)
    way = one.way("shop", "m", "m-1", "k", key)
    assert one.way("shop", "m", "m-1", "k", key) is way
    assert one.way("shop", "m", "m-1", "k", Ceilings(rpm=5)) is way
    assert one.way("shop", "m", "m-1", "k", Ceilings(rpm=6)) is not way


def test_learned_limits_come_and_go_and_ways_with_them() -> None:
    one = book()
    before = one.limits_for("shop", "m", "m-1")
    one.confirm("shop/m-1", told("tpm", 500), "headers", 1)
    version = one.version
    assert version > 0
    assert told("tpm", 500) in one.limits_for("shop", "m", "m-1")
    one.confirm("shop/m-1", told("tpm", 500), "headers", 9)
    assert one.version == version, "the same again changes nothing"
    assert [(known.since_us, known.seen_us) for known in one.learned("shop/m-1")] == [(1, 9)]
    one.forget("shop/m-1", told("tpm", 500).id)
    assert one.limits_for("shop", "m", "m-1") == before
    assert one.version > version


def test_what_was_configured_wins_unless_the_provider_allows_less() -> None:
    one = book()
    one.confirm("shop/m-1", told("rpm", 90), "headers", 1)
    found = one.limit_of("shop/m-1", "rpm")
    assert found is not None
    assert (found.amount, found.source) == (60, "configured")
    one.confirm("shop/m-1", told("rpm", 30), "headers", 2)
    found = one.limit_of("shop/m-1", "rpm")
    assert found is not None
    assert (found.amount, found.source) == (30, "learned")


def test_what_the_model_may_have_wins_too_unless_the_provider_allows_less() -> None:
    """It counts all calls of the model, and so those of each deployment; twice would only be slower."""
    known = LimitBook({Scope("model", "m-1"): Ceilings(rpm=60, window="refill")})
    for amount, held in ((60, 60), (1_000, 60), (59, 59), (60, 60)):
        known.confirm("shop/m-1", told("rpm", amount), "headers", 0)
        limits = known.limits_for("shop", "m-1", "m-1")
        assert min(limit.amount for limit in limits) == held
        assert len(limits) == (1 if amount >= 60 else 2)
    known.confirm("shop/m-1", told("tpm", 5), "headers", 0)
    assert [limit.id for limit in known.limits_for("shop", "m-1", "m-1")][-1] == "deployment:shop/m-1/tpm"
    counted = told("rpm", UNBOUNDED)
    known.confirm("shop/m-1", counted, None, 0)
    assert counted in known.limits_for("shop", "m-1", "m-1")


def test_what_is_only_counted_is_not_shown_as_learned() -> None:
    one = book()
    one.confirm("shop/m-1", told("tpm", UNBOUNDED), "refusals", 1)
    assert one.all_learned() == []
    assert len(one.limits_for("shop", "m", "m-1")) == 5


def test_names_that_a_caller_made_up_do_not_pile_up() -> None:
    one = book()
    one.confirm("shop/m-1", told("tpm", 500), "headers", 1)
    for n in range(3 * MAX_DEPLOYMENTS):
        one.way("shop", "x", f"x-{n}")
    assert len(one._deployments) <= MAX_DEPLOYMENTS
    assert told("tpm", 500) in one.limits_for("shop", "m", "m-1")


def test_the_ways_that_were_used_last_are_remembered() -> None:
    one, ceilings = LimitBook(most_ways=3), Ceilings(rpm=5)
    first = one.way("shop", "m", "m-1", "k0", ceilings)
    for number in range(1, 9):
        one.way("shop", "m", "m-1", f"k{number}", ceilings)
        assert one.way("shop", "m", "m-1", "k0", ceilings) is first
    assert {limit.scope.name for limit in one.all_limits() if limit.scope.kind == "key"} == {"k0", "k7", "k8"}
