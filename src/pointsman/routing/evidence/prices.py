"""What the answer of each model costs: at list prices where all are known, else at a ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from pointsman.catalog import Catalog
from pointsman.chat import Usage
from pointsman.costs import PER_USD, Pricer, UnpricedUsage
from pointsman.errors import InvalidRequest
from pointsman.routing.graded import Graded

RATIO = 5.0


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """USD for a million tokens."""

    input: float
    output: float


class Priced(msgspec.Struct, frozen=True):
    """A row for each prompt, in the order of the models."""

    costs: list[tuple[float, ...]]
    words: str
    """Which prices these are."""


def at_ratio(prompts: Sequence[Graded], models: Sequence[str], ratio: float = RATIO) -> Priced:
    """The weakest model costs 1 and the last ``ratio``, whatever the prompt; each is dearer by one factor."""
    steps = len(models) - 1
    row = tuple(ratio ** (at / steps) for at in range(len(models)))
    return Priced([row] * len(prompts), f"a price ratio of {ratio:g}")


def at_rates(prompts: Sequence[Graded], models: Sequence[str], rates: Mapping[str, Rate]) -> Priced:
    """Raises InvalidRequest where a price or the tokens of an answer are missing."""
    missing = [model for model in models if model not in rates]
    if missing:
        raise InvalidRequest(f"No price is given for {', '.join(missing)}.", param="prices")
    costs = []
    for one in prompts:
        used = [_tokens(one, model) for model in models]
        each = zip(used, (rates[model] for model in models), strict=True)
        costs.append(tuple((i * rate.input + o * rate.output) / 1e6 for (i, o), rate in each))
    return Priced(costs, "the given prices and measured tokens")


def at_list(
    prompts: Sequence[Graded], models: Sequence[str], catalog: Catalog, now: datetime
) -> Priced | None:
    """At the catalog's prices of ``now``, in USD; None where a model, a price or the tokens of an answer are
    not known."""
    known = [catalog.resolve(model) for model in models]
    if None in known or any(model not in one.tokens for one in prompts for model in models):
        return None
    pricers = [Pricer(model) for model in known if model is not None]
    at_us = int(now.timestamp() * 1_000_000)
    costs = []
    try:
        for one in prompts:
            usages = [Usage(input=one.tokens[model][0], output=one.tokens[model][1]) for model in models]
            each = zip(pricers, usages, strict=True)
            costs.append(tuple(pricer.price(usage, at_us) / PER_USD for pricer, usage in each))
    except UnpricedUsage:
        return None
    return Priced(costs, f"list prices of {now:%Y-%m-%d} and measured tokens")


def read_rates(data: bytes) -> dict[str, Rate]:
    """Raises InvalidRequest where it is no such file."""
    try:
        return msgspec.json.decode(data, type=dict[str, Rate])
    except msgspec.DecodeError as error:
        raise InvalidRequest(
            f'Prices are JSON, {{"MODEL": {{"input": 3, "output": 15}}}}, USD per million tokens: {error}.',
            param="prices",
        ) from error


def _tokens(one: Graded, model: str) -> tuple[int, int]:
    if model not in one.tokens:
        raise InvalidRequest(
            f"The label of {model} for prompt {one.id} has no input_tokens and output_tokens, so its cost is"
            " not known. Use --price-ratio instead.",
            param="prices",
        )
    return one.tokens[model]
