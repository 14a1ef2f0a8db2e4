"""What a number of calls costs on each model and on a mix of models, and which mixes save how much.

Everything follows from one number per model, the cost of a call. Calls are whole, money is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import combinations

import msgspec

from pointsman.errors import InvalidRequest

from .money import PicoUsd

Shares = Mapping[str, Fraction]
"""Of each model in a mix: non-negative, and 1 together."""


class Line(msgspec.Struct, frozen=True):
    """One model of a mix."""

    model: str
    calls: int
    """Of the mix, those that it answers."""
    per_call: PicoUsd
    cost: PicoUsd
    """Of its calls in the mix."""
    alone: PicoUsd
    """What all the calls would cost if it answered every one."""


class Roi(msgspec.Struct, frozen=True):
    """A mix of models beside one of them, or another, that answers everything."""

    calls: int
    lines: tuple[Line, ...]
    cost: PicoUsd
    """Of the mix: the sum over its lines."""
    baseline: str
    baseline_cost: PicoUsd

    @property
    def saved(self) -> PicoUsd:
        """Below 0 where the mix costs more."""
        return self.baseline_cost - self.cost

    @property
    def saving(self) -> Fraction | None:
        """Share of the baseline's cost; None where that is 0."""
        return saving(self.cost, self.baseline_cost)


class Blend(msgspec.Struct, frozen=True):
    """A mix that reaches a saving exactly: one model alone, or two in these shares."""

    shares: dict[str, Fraction]
    per_call: Fraction


def parse_mix(text: str) -> dict[str, Fraction]:
    """``"opus-4=10,sonnet-4=30,haiku-4=60"``: any numbers, of which each is taken as its part of the sum.

    Raises:
        InvalidRequest: it is not of that form, names a model twice, or has no share above 0.
    """
    parts: dict[str, Fraction] = {}
    for item in filter(None, (item.strip() for item in text.split(","))):
        name, equals, number = (part.strip() for part in item.rpartition("="))
        share = _number(number) if equals and name else None
        if share is None:
            raise InvalidRequest(
                f"{item} is no part of a mix: write MODEL=SHARE with commas between,"
                " such as opus-4=10,sonnet-4=30,haiku-4=60.",
                param="mix",
            )
        if name in parts:
            raise InvalidRequest(f"The mix names {name} twice.", param="mix")
        parts[name] = share
    return normalise(parts)


def parse_saving(text: str) -> Fraction:
    """``"40"`` or ``"40%"``: 40 hundredths. Raises InvalidRequest if it is not above 0 and below 100."""
    number = _number(text.strip().removesuffix("%"))
    if number is None or not 0 < number < 100:
        raise InvalidRequest(
            f"{text.strip()} is no saving: it is a number above 0 and below 100.", param="save"
        )
    return number / 100


def _number(text: str) -> Fraction | None:
    """Of at most 30 characters, so that no exponent can fill the memory; None if it is none, or below 0."""
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0 or len(text) > 30 or abs(number.adjusted()) > 30:
        return None
    return Fraction(number)


def normalise(parts: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Each as its part of the sum. Raises InvalidRequest where that is 0."""
    whole = sum(parts.values(), Fraction(0))
    if not whole:
        raise InvalidRequest("A mix needs at least one model with a share above 0.", param="mix")
    return {name: part / whole for name, part in parts.items()}


def split_calls(calls: int, shares: Shares) -> dict[str, int]:
    """Whole calls for each model, as many as there are in all; what the shares leave over goes to the largest
    remainders, the first of equal ones."""
    exact = {name: calls * share for name, share in shares.items()}
    whole = {name: int(part) for name, part in exact.items()}
    left = calls - sum(whole.values())
    for name in sorted(exact, key=lambda name: whole[name] - exact[name])[:left]:
        whole[name] += 1
    return whole


def compare(
    calls: int, shares: Shares, per_call: Mapping[str, PicoUsd], baseline: str, models: Iterable[str] = ()
) -> Roi:
    """The mix beside the baseline.

    Args:
        per_call: cost of one call on each model of the mix, on the baseline, and on ``models``.
        models: those to show too that are in no mix.
    """
    parts = split_calls(calls, shares)
    lines = tuple(
        Line(name, part := parts.get(name, 0), each := per_call[name], part * each, calls * each)
        for name in dict.fromkeys((*shares, baseline, *models))
    )
    return Roi(calls, lines, sum(line.cost for line in lines), baseline, calls * per_call[baseline])


def saving(cost: PicoUsd, baseline: PicoUsd) -> Fraction | None:
    """The part of the baseline's cost that is saved; negative where the other costs more."""
    return 1 - Fraction(cost, baseline) if baseline else None


def blends(per_call: Mapping[str, PicoUsd], baseline: PicoUsd, target: Fraction) -> tuple[Blend, ...]:
    """The corners of all mixes that save ``target`` or more: every such mix is a blend of these.

    A mix costs the weighted mean of its models, so the mixes that cost at most ``limit`` are cut off the
    simplex of shares by one plane. The corners of what is left are the models that are cheap enough alone,
    and each pair of a cheaper and a dearer one that costs ``limit`` exactly. Pairs come first, those
    of cheaper models before; none at all: not even the cheapest model alone saves so much.

    Args:
        baseline: cost of a call on the model that the saving is against.
        target: 0.4 for 40 %.
    """
    limit = (1 - target) * baseline
    order = sorted(per_call, key=lambda name: (per_call[name], name))
    pairs = [
        (cheap, dear) for cheap, dear in combinations(order, 2) if per_call[cheap] <= limit < per_call[dear]
    ]
    found = []
    for cheap, dear in sorted(pairs, key=lambda pair: (per_call[pair[1]], -per_call[pair[0]])):
        low, high = per_call[cheap], per_call[dear]
        share = (high - limit) / (high - low)
        if share < 1:
            found.append(Blend({cheap: share, dear: 1 - share}, limit))
    alone = [
        Blend({name: Fraction(1)}, Fraction(per_call[name])) for name in order if per_call[name] <= limit
    ]
    return (*found, *alone)


def most_of(
    model: str, shares: Shares, per_call: Mapping[str, PicoUsd], baseline: PicoUsd, target: Fraction
) -> Fraction | None:
    """The largest share of one model at which the mix still saves ``target``, the others keeping their
    proportions to each other; None where no share of it does, or where there are no others."""
    rest = 1 - shares[model]
    if not rest:
        return None
    limit = (1 - target) * baseline
    others = sum((shares[name] / rest * per_call[name] for name in shares if name != model), Fraction(0))
    own = per_call[model]
    if others > limit:
        return Fraction(1) if own <= limit else None
    return Fraction(1) if own <= limit else (limit - others) / (own - others)
