"""The demo's book, added up: per model, in all, and against the strongest model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd

from .result import DemoResult

PriceOf = Callable[[str, Usage], PicoUsd | None]
"""What a usage costs on a model; None where that is not known."""

_MILLION_OUT = Usage(output=1_000_000)


class Row(msgspec.Struct, frozen=True):
    """One model, or all of them. Times in seconds; None where there is nothing to measure."""

    model: str
    provider: str
    requests: int
    errors: int
    retries: int
    """Calls to providers beyond the first of each request, as far as known."""
    input: int
    """Prompt tokens, cached or not."""
    output: int
    cost: PicoUsd
    unpriced: int
    """Requests that were answered but whose cost is not known, and so not in ``cost``."""
    ttft_p50: float | None
    ttft_p99: float | None
    latency_p50: float | None
    latency_p99: float | None


class Comparison(msgspec.Struct, frozen=True):
    """The same traffic on one model: only requests with both costs known count, on both sides."""

    model: str
    requests: int
    cost: PicoUsd
    """What they did cost."""
    strongest_cost: PicoUsd
    """What they would have cost on ``model``."""

    @property
    def saved(self) -> PicoUsd:
        return self.strongest_cost - self.cost

    @property
    def saved_percent(self) -> float | None:
        """For the eye; the money itself stays exact."""
        return 100 * self.saved / self.strongest_cost if self.strongest_cost else None


class Report(msgspec.Struct, frozen=True):
    rows: tuple[Row, ...]
    """By cost, dearest first; then by name."""
    total: Row
    comparison: Comparison | None
    """None where no model's price is known."""


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest value that ``percent`` in a hundred do not exceed (nearest rank); None of nothing."""
    if not values:
        return None
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(rank, 1) - 1]


def add_up(results: Iterable[DemoResult], price: PriceOf) -> Report:
    """Add up ``results``. The strongest model is the one among them whose output is dearest by ``price``."""
    everything = list(results)
    groups: dict[str, list[DemoResult]] = {}
    for one in everything:
        groups.setdefault(one.model, []).append(one)
    rows = [_row(model, found) for model, found in groups.items()]
    rows.sort(key=lambda row: (-row.cost, row.model))
    return Report(
        rows=tuple(rows), total=_row("total", everything), comparison=_comparison(everything, price)
    )


def _row(model: str, results: Sequence[DemoResult]) -> Row:
    usages = [one.usage for one in results if one.usage is not None]
    ttft = [one.ttft for one in results if one.ttft is not None]
    latency = [one.latency for one in results if one.ok]
    providers = {one.provider for one in results if one.provider}
    return Row(
        model=model,
        provider=providers.pop() if len(providers) == 1 else "",
        requests=len(results),
        errors=sum(not one.ok for one in results),
        retries=sum(one.attempts - 1 for one in results if one.attempts),
        input=sum(usage.prompt for usage in usages),
        output=sum(usage.output for usage in usages),
        cost=sum(one.cost for one in results if one.cost is not None),
        unpriced=sum(one.ok and one.cost is None for one in results),
        ttft_p50=percentile(ttft, 50),
        ttft_p99=percentile(ttft, 99),
        latency_p50=percentile(latency, 50),
        latency_p99=percentile(latency, 99),
    )


def _comparison(results: Sequence[DemoResult], price: PriceOf) -> Comparison | None:
    rates = {model: price(model, _MILLION_OUT) for model in {one.model for one in results}}
    known = [(rate, model) for model, rate in rates.items() if rate is not None]
    if not known:
        return None
    strongest = max(known)[1]
    pairs = [
        (one.cost, would)
        for one in results
        if one.cost is not None
        and one.usage is not None
        and (would := price(strongest, one.usage)) is not None
    ]
    return Comparison(
        model=strongest,
        requests=len(pairs),
        cost=sum(cost for cost, _ in pairs),
        strongest_cost=sum(would for _, would in pairs),
    )
