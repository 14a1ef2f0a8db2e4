"""What the ``route`` commands read: labels, routers and prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pointsman.errors import InvalidRequest
from pointsman.routing.evidence.prices import RATIO, Priced, at_list, at_rates, at_ratio, read_rates
from pointsman.routing.features import featurise
from pointsman.routing.graded import Graded, grade_prompts
from pointsman.routing.label import read_labels
from pointsman.routing.learned_from import overlap
from pointsman.routing.router import Router, load_router


def graded_in(path: Path, route: str | None = None) -> list[Graded]:
    """The prompts of a file of labels, of one route if that is given.

    Raises:
        InvalidRequest: there is no such file, a line is no label, or none is of that route.
    """
    try:
        with path.open("rb") as lines:
            prompts = grade_prompts(read_labels(lines, path.name))
    except OSError as error:
        raise InvalidRequest(
            f"The labels {path} cannot be read: {error.strerror}.", param="labels"
        ) from error
    if route is None:
        return prompts
    found = [one for one in prompts if one.sample.route == route]
    if not found:
        there = sorted({one.sample.route for one in prompts} - {""})
        other = f"There are labels of: {_some(there)}." if there else "They name none: leave out --route."
        raise InvalidRequest(f"No label in {path.name} is of route {route}. {other}", param="route")
    return found


def check_models(prompts: Sequence[Graded], models: Sequence[str]) -> None:
    """Raises InvalidRequest where a model has no labels, and says which have."""
    there = sorted({model for one in prompts for model in one.scores})
    missing = [model for model in models if model not in there]
    if missing:
        raise InvalidRequest(
            f"No label is of {' or '.join(missing)}. There are labels of: {_some(there)}.", param="labels"
        )


def check_unseen(prompts: Sequence[Graded], judge: Router) -> None:
    """Raises InvalidRequest where most of these are prompts that the router was trained on."""
    found = overlap(judge.learned, (featurise(one.sample) for one in prompts))
    if found.is_most:
        raise InvalidRequest(
            f"The router was trained on these prompts ({found.known:,} of {found.told:,} that can be told):"
            " how it does on them says nothing of others. Give labels that were held back.",
            param="labels",
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return (", ".join(names[:30]) or "none") + more


def router_in(path: Path) -> Router:
    """Raises InvalidRequest where there is no such file, and ConfigurationError where it is no router."""
    try:
        return load_router(path.read_bytes())
    except OSError as error:
        raise InvalidRequest(
            f"The router {path} cannot be read: {error.strerror}. 'pointsman route train LABELS' makes one.",
            param="router",
        ) from error


def priced(
    prompts: list[Graded], models: tuple[str, ...], now: datetime, prices: Path | None, ratio: float | None
) -> Priced:
    """By the file of prices or the ratio if one is given; else at list prices, and where these are not known
    at a ratio of 5."""
    if prices is not None:
        try:
            return at_rates(prompts, models, read_rates(prices.read_bytes()))
        except OSError as error:
            raise InvalidRequest(
                f"The prices {prices} cannot be read: {error.strerror}.", param="prices"
            ) from error
    if ratio is not None:
        return at_ratio(prompts, models, ratio)
    from pointsman.catalog import load_catalog

    return at_list(prompts, models, load_catalog(), now) or at_ratio(prompts, models, RATIO)
