from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from pointsman.admin.prometheus_money import MoneyCollector
from pointsman.catalog import load_catalog
from pointsman.costs.savings import Baseline
from pointsman.gateway.auto.route_money import RouteMoney
from tests.support.routed import LARGE, SMALL, a_routed, failed

BASELINE = Baseline(LARGE, frozenset({LARGE}), load_catalog().resolve(LARGE))


def test_paid_and_baseline_stand_apart() -> None:
    money = RouteMoney({"default": BASELINE}, lambda _, model: model)
    for entry in (
        a_routed("1", SMALL),
        a_routed("2", SMALL, LARGE),
        a_routed("3", LARGE, requested="shadow:default"),
        failed("4"),
    ):
        money.observe(entry)
    registry = CollectorRegistry()
    registry.register(MoneyCollector(money))
    page = generate_latest(registry).decode()
    for line in (
        'pointsman_route_paid_usd_total{part="answers",route="default"} 0.0075',
        'pointsman_route_paid_usd_total{part="further",route="default"} 0.0015',
        'pointsman_route_paid_usd_total{part="shadows",route="default"} 0.006',
        'pointsman_route_paid_usd_total{part="judges",route="default"} 0.0',
        'pointsman_route_baseline_usd_total{route="default"} 0.012',
        'pointsman_route_compared_total{route="default"} 2.0',
        'pointsman_route_not_compared_total{reason="no answer",route="default"} 1.0',
    ):
        assert line in page.splitlines()
