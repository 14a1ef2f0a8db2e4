"""How a model was chosen, as ``GET /v1/requests/ID`` shows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pointsman.catalog import Model
from pointsman.chat import Usage
from pointsman.costs import PicoUsd, UnpricedUsage, against, format_usd
from pointsman.ledger.entry import CACHE, Entry
from pointsman.routing.decision import Decision
from pointsman.routing.explaining import Contribution


def routing_view(
    decision: Decision,
    entry: Entry | None,
    models: Sequence[Model | None],
    contributions: Sequence[Contribution] | None,
) -> dict[str, Any]:
    """
    Args:
        entry: what became of the request; None: nothing is known of that.
        models: of the catalog, in the order of the decision's; None: it has none.
        contributions: what spoke for and against the model that was chosen, or for the weakest where that is
            the baseline; None: not known any more.
    """
    judgement = decision.judgement
    return {
        "route": decision.route,
        "policy": decision.policy,
        "model": decision.model,
        "baseline": decision.baseline,
        "reason": decision.reason,
        "explanation": decision.words,
        "cascade": decision.cascade or None,
        "moved": decision.moved or None,
        "propensity": decision.propensity,
        "threshold": decision.threshold,
        "certificate": decision.certificate or None,
        "router": decision.router or None,
        "familiarity": None if judgement is None else judgement.familiarity,
        "models": [
            {
                "model": name,
                "probability": None if judgement is None else judgement.probabilities[at],
                "expected_loss": None if judgement is None else judgement.losses[at],
                "expected_cost_usd": _usd(decision.costs[at] if decision.costs else None),
                "would_have_cost_usd": _usd(_would_cost(entry, models[at])),
            }
            for at, name in enumerate(decision.models)
        ],
        "contributions": None
        if contributions is None
        else [{"name": each.name, "weight": round(each.weight, 6)} for each in contributions],
    }


def answer_usage(entry: Entry) -> Usage | None:
    """Of the answer alone, without attempts that failed or were not believed."""
    for attempt in reversed(entry.attempts):
        if attempt.outcome == "ok" and attempt.model == entry.model:
            return attempt.usage
    return entry.usage


def _would_cost(entry: Entry | None, model: Model | None) -> PicoUsd | None:
    """The same tokens at the model's price; who answered costs what it did cost."""
    if entry is None or model is None or entry.provider == CACHE:
        return None
    usage = answer_usage(entry)
    if usage is None:
        return None
    try:
        return against(model, usage, datetime.fromtimestamp(entry.at_us / 1e6, UTC))
    except UnpricedUsage:
        return None


def _usd(cost: PicoUsd | None) -> str | None:
    return None if cost is None else format_usd(cost)
