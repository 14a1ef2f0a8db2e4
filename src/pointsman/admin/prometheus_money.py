"""What routes cost and save, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.costs import PER_USD
from pointsman.gateway.auto.route_money import RouteMoney

_PARTS = {"answers": "answered", "further": "others", "shadows": "shadows", "judges": "judges"}


class MoneyCollector(Collector):
    """Paid and baseline apart, since each of them only grows: what is saved is their difference."""

    def __init__(self, money: RouteMoney) -> None:
        self._money = money

    def collect(self) -> Iterable[Metric]:
        paid = CounterMetricFamily(
            "pointsman_route_paid_usd",
            "US dollars paid for a route: answers, further attempts, shadows, judges.",
            labels=("route", "part"),
        )
        baseline = CounterMetricFamily(
            "pointsman_route_baseline_usd",
            "US dollars that the route's baseline would have cost for the same requests.",
            labels=("route",),
        )
        compared = CounterMetricFamily(
            "pointsman_route_compared", "Requests of a route that could be compared.", labels=("route",)
        )
        left_out = CounterMetricFamily(
            "pointsman_route_not_compared", "Requests that could not, by reason.", labels=("route", "reason")
        )
        for route, tally in self._money.tallies():
            for part, field in _PARTS.items():
                paid.add_metric([route, part], getattr(tally, field) / PER_USD)
            baseline.add_metric([route], tally.baseline / PER_USD)
            compared.add_metric([route], tally.requests)
            for reason, some in list(tally.uncompared.items()):
                left_out.add_metric([route, reason], some.requests)
        return [paid, baseline, compared, left_out]
