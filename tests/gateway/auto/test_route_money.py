from __future__ import annotations

from typing import Any

from pointsman.catalog import load_catalog
from pointsman.costs import format_usd
from pointsman.costs.savings import Baseline
from pointsman.gateway.auto.route_money import RouteMoney
from tests.support.routed import LARGE, SMALL, a_routed, failed

BASELINE = Baseline(LARGE, frozenset({LARGE}), load_catalog().resolve(LARGE))


def test_routes_are_summed_up_as_they_are_settled() -> None:
    money = RouteMoney({"default": BASELINE, "idle": BASELINE}, lambda _, model: model)
    for entry in (
        a_routed("1", SMALL),
        a_routed("2", SMALL, LARGE),
        a_routed("3", LARGE, requested="shadow:default"),
        a_routed("4", SMALL, requested="judge:default"),
        failed("5"),
        a_routed("6", SMALL, requested=SMALL),
        a_routed("7", SMALL, requested="auto:made-up"),
    ):
        money.observe(entry)
    money.observe(a_routed("8", SMALL, requested="an alias"), "default")
    tallies = dict(money.tallies())
    assert set(tallies) == {"default", "idle"}
    found = tallies["default"]
    assert (found.requests, found.shadow_calls, found.judge_calls, found.left_out.requests) == (3, 1, 1, 1)
    assert [format_usd(found.baseline), format_usd(found.cost)] == ["0.018", "0.018"]
    assert tallies["idle"].requests == 0


def test_an_answer_that_was_given_again_or_shared_is_counted_where_it_was_asked_for() -> None:
    money = RouteMoney({"default": BASELINE}, lambda _, model: model)
    money.observe(a_routed("1", SMALL, cost=500_000_000, cache="miss", saved=1_000_000_000))
    shared: dict[str, Any] = {"provider": "cache", "attempts": (), "usage": None, "source": "1"}
    money.observe(a_routed("2", SMALL, cost=1_000_000_000, cache="coalesced", saved=500_000_000, **shared))
    money.observe(a_routed("3", SMALL, cost=0, cache="hit", saved=1_500_000_000, **shared))
    ((_, found),) = money.tallies()
    assert (found.requests, found.left_out.requests) == (1, 0)
    assert [format_usd(found.baseline), format_usd(found.cost)] == ["0.006", "0.0015"]
