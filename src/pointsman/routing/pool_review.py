"""Looks at a pool: which model of it is not worth its money, and what else the catalog has to try. Pure.

Every finding about quality is of paired scores, of prompts that both models answered. Prices of models that
nobody has tried yet say nothing about quality: those are proposed to be shadowed, never to be used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import msgspec

from pointsman.catalog import (
    Capabilities,
    Catalog,
    Model,
    prompt_limit,
    retires_within,
    status_on,
    successor_of,
)
from pointsman.costs import PicoUsd, UnpricedUsage, list_price

from .evidence.estimate import Estimate, mean_of

MIN_PROMPTS = 50
"""Below so many prompts that both answered, nothing is said about two models."""
MOST_CANDIDATES = 3
_ABILITIES = ("vision", "tools", "json_schema", "pdf")


class Answers(msgspec.Struct, frozen=True):
    """What is known of the answers to one prompt, by model."""

    scores: Mapping[str, float]
    costs: Mapping[str, PicoUsd]


class Beaten(msgspec.Struct, frozen=True):
    """A model of the pool that another one of it is no worse than, and no dearer."""

    model: str
    by: str
    better: Estimate
    """Difference of their mean scores, paired; the interval is of 95 %."""
    cheaper: float
    """Share of its cost that the other one saves."""
    prompts: int
    sure: bool
    """The whole interval is at 0 or above; otherwise it is likely, and more labels would tell."""


class Candidate(msgspec.Struct, frozen=True):
    """A model that is cheaper at list prices, and of whose answers nothing is known here."""

    model: str
    instead_of: str
    cheaper: float
    """Share of the cost that it saves on a request of the route's mean size."""
    because: str


def beaten(answers: Sequence[Answers], pool: Sequence[str]) -> tuple[Beaten, ...]:
    """The models that are not worth their money, each by the one that beats it most. Of two that are equal in
    all, the later one in the pool stays."""
    found = []
    for place, model in enumerate(pool):
        by = [
            one
            for at, other in enumerate(pool)
            if at != place and (one := _compare(answers, model, other, later=at > place)) is not None
        ]
        if by:
            found.append(max(by, key=lambda one: (one.sure, one.better.value, one.cheaper)))
    return tuple(found)


def _compare(answers: Sequence[Answers], model: str, other: str, *, later: bool) -> Beaten | None:
    both = [each for each in answers if model in each.scores and other in each.scores]
    priced = [each for each in both if model in each.costs and other in each.costs]
    if len(both) < MIN_PROMPTS or len(priced) < MIN_PROMPTS:
        return None
    own = sum(each.costs[model] for each in priced)
    theirs = sum(each.costs[other] for each in priced)
    better = mean_of([each.scores[other] - each.scores[model] for each in both])
    if theirs > own or better.value < 0 or (theirs == own and better.value == 0 and not later):
        return None
    cheaper = 1 - theirs / own if own else 0.0
    return Beaten(model, other, better, cheaper, len(both), sure=better.low >= 0)


def candidates(
    catalog: Catalog,
    pool: Mapping[str, Model],
    tokens: tuple[int, int],
    at_us: int,
    today: date,
    providers: Collection[str],
) -> tuple[Candidate, ...]:
    """Models to try: successors of those in the pool that are cheaper or about to be needed, and of each
    provider the cheapest that costs less than the cheapest of the pool and can do all that that one can.

    Args:
        pool: by the name in the settings; those that the catalog does not know are left out.
        tokens: a request of the route's mean size, in and out.
        providers: of the catalog, those that can be reached.
    """
    costs = {name: cost for name, model in pool.items() if (cost := _cost(model, tokens, at_us)) is not None}
    if not costs:
        return ()
    known = {model.id for model in pool.values()}
    found = [
        one
        for name, own in costs.items()
        if (one := _successor(catalog, name, pool[name], own, tokens, at_us, today)) is not None
        and one.model not in known
    ]
    cheapest = min(costs, key=lambda name: costs[name])
    taken = known | {one.model for one in found}
    best: dict[str, tuple[PicoUsd, str]] = {}
    for model in catalog.all():
        cost = _cost(model, tokens, at_us)
        if (
            model.id in taken
            or model.provider not in providers
            or cost is None
            or cost >= costs[cheapest]
            or status_on(model, today) != "active"
            or retires_within(model, today)
            or not _as_able(model, pool[cheapest])
        ):
            continue
        best[model.provider] = min(best.get(model.provider, (cost, model.id)), (cost, model.id))
    found += [
        Candidate(
            name, cheapest, 1 - cost / costs[cheapest], "the cheapest of its provider that can do as much"
        )
        for cost, name in sorted(best.values())
    ]
    return tuple(found[:MOST_CANDIDATES])


def _successor(
    catalog: Catalog,
    name: str,
    model: Model,
    own: PicoUsd,
    tokens: tuple[int, int],
    at_us: int,
    today: date,
) -> Candidate | None:
    following = successor_of(catalog, model.id)
    cost = _cost(following, tokens, at_us)
    needed = retires_within(model, today) or status_on(model, today) == "retired"
    if following.id == model.id or cost is None or not own or (cost > own and not needed):
        return None
    why = f"{name} retires on {model.retires}" if needed and model.retires else f"the successor of {name}"
    return Candidate(following.id, name, 1 - cost / own, why)


def _cost(model: Model, tokens: tuple[int, int], at_us: int) -> PicoUsd | None:
    try:
        return list_price(model, *tokens, at_us)
    except UnpricedUsage:
        return None


def _as_able(model: Model, other: Model) -> bool:
    return prompt_limit(model) >= prompt_limit(other) and all(
        _can(model.capabilities, what) or not _can(other.capabilities, what) for what in _ABILITIES
    )


def _can(capabilities: Capabilities, what: str) -> bool:
    return getattr(capabilities, what) is True
