"""A cascade of the settings tried on labels with answers, and what is certified of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from pointsman.cli.models.report import new_table
from pointsman.config.auto_routes import AutoRoute
from pointsman.errors import InvalidRequest
from pointsman.gateway.cascade.cascades import Cascade
from pointsman.routing.cascade.offline import Played, play_all
from pointsman.routing.cascade.points import CASCADE, cascade_points
from pointsman.routing.cascade.rule import Because
from pointsman.routing.evidence import Certificate, Point, Refused, certify
from pointsman.routing.graded import Graded
from pointsman.routing.labels.kept import Labelled
from pointsman.routing.sample import Sample
from pointsman.tokens import count_text

PriceOf = Callable[[str, int, int], int | None]
"""Of an answer with so many tokens in and out, in 10⁻¹² USD; None: not known."""
PRICES = "list prices of {day}, without a prompt cache"
PAID = "what the calls of shadows and clients did cost"


class Trial(msgspec.Struct, frozen=True):
    """What came of it."""

    route: str
    first: tuple[str, ...]
    baseline: str
    played: tuple[Played, ...]
    left_out: int
    """Prompts without all that is needed."""
    outcome: Certificate | Refused


def try_cascade(
    auto: AutoRoute,
    cascade: Cascade,
    prompts: Sequence[Graded],
    price: PriceOf,
    now: datetime,
    *,
    expect: Callable[[Sample], float] | None = None,
) -> Trial:
    """
    Args:
        expect: a router's expected loss of the first model, for cascades that go by it.

    Raises:
        InvalidRequest: no prompt has all the answers that the cascade needs.
    """
    first, baseline = tuple(auto.models[at] for at in auto.first), auto.models[-1]
    played = play_all(prompts, first, baseline, cascade.rule, samples=cascade.samples, expect=expect)
    if not played:
        raise InvalidRequest(
            f"No prompt of the labels has answers of {' and '.join(first)} and a score of {baseline}. "
            'Lines need "answer": what the model said; and the models as the pool has them.'
        )
    tokens = {each.id: _tokens(each) for each in prompts}
    priced = all(price(model, 1, 1) is not None for model in {*first, baseline})

    def cost(each: Played, calls: tuple[str, ...]) -> float:
        if not priced:  # then a cascade is taken for cheaper, as whoever set it up does
            return float(baseline in calls)
        return sum((price(model, *tokens[each.id].get(model, (0, 0))) or 0) / 1e12 for model in calls)

    prices = PRICES.format(day=now.date()) if priced else ""
    points = cascade_points(played, cost, baseline)
    outcome = _certify(auto, cascade, points, prices, now)
    return Trial(auto.name, first, baseline, tuple(played), len(prompts) - len(played), outcome)


def try_shadows(auto: AutoRoute, cascade: Cascade, labelled: Iterable[Labelled], now: datetime) -> Trial:
    """By what shadows of the route's traffic told of the same cascade (``gateway/labels/cascade_shadow.py``).

    Raises:
        InvalidRequest: they have told nothing of it.
    """
    first, baseline = tuple(auto.models[at] for at in auto.first), auto.models[-1]
    played: list[Played] = []
    costs: dict[str, tuple[float, float] | None] = {}
    seen = 0
    for each in labelled:
        seen += 1
        marks = {mark.model: mark for mark in each.marks if mark.source == "shadow"}
        ours, strong = marks.get(cascade.digest), marks.get(baseline)
        if ours is None or strong is None:
            continue
        accepted, ident = ours.answer != strong.answer, each.prompt.id
        calls = first if accepted else (*first, baseline)
        because: Because = "shadow" if accepted else "differ"
        played.append(Played(ident, ours.score, strong.score, calls, accepted, because))
        known = ours.cost is not None and strong.cost is not None
        costs[ident] = ((ours.cost or 0) / 1e12, (strong.cost or 0) / 1e12) if known else None
    if not played:
        raise InvalidRequest(
            f"No shadow of {auto.model} has told of this cascade yet. [auto.{auto.name}.shadow] with a "
            f"share, and [auto.{auto.name}.grader] with a kind, gather such labels; or name a file of labels "
            "with answers."
        )
    priced = all(pair is not None for pair in costs.values())

    def cost(each: Played, calls: tuple[str, ...]) -> float:
        pair = costs[each.id]
        if pair is None or not priced:
            return float(baseline in calls)
        return pair[calls == (baseline,)]

    points = cascade_points(played, cost, baseline, "shadow")
    outcome = _certify(auto, cascade, points, PAID if priced else "", now)
    return Trial(auto.name, first, baseline, tuple(played), seen - len(played), outcome)


def _certify(
    auto: AutoRoute, cascade: Cascade, points: Sequence[Point], prices: str, now: datetime
) -> Certificate | Refused:
    settings = auto.settings
    paid, alone = (sum(point.costs[at] for point in points) for at in (0, 1))
    if paid >= alone and prices:
        reason = (
            f"It costs {paid / alone - 1:.1%} more than {auto.models[-1]} alone: there is nothing to gain."
        )
        return Refused(reason=reason, route=auto.name, labels=len(points))
    return certify(
        points,
        pool=(CASCADE, auto.models[-1]),
        router=cascade.digest,
        policy="the cascade",
        now=now,
        floor=settings.floor,
        confidence=settings.confidence,
        min_labels=settings.min_labels,
        route=auto.name,
        days=settings.certificate_days,
        prices=prices,
    )


def _tokens(prompt: Graded) -> dict[str, tuple[int, int]]:
    """As the labels say; where they do not, counted from the texts."""
    counted = {
        model: (
            count_text(prompt.sample.system + prompt.sample.history + prompt.sample.text),
            count_text(text),
        )
        for model, ((text, _), *_) in prompt.answers.items()
    }
    return counted | prompt.tokens


def trial_data(trial: Trial) -> dict[str, Any]:
    """For ``--json``."""
    outcome, played = trial.outcome, trial.played
    found: dict[str, Any] = {
        "route": trial.route,
        "first": trial.first,
        "baseline": trial.baseline,
        "prompts": len(played),
        "left_out": trial.left_out,
        "accepted": sum(each.accepted for each in played) / len(played),
        "score": sum(each.score for each in played) / len(played),
        "baseline_score": sum(each.baseline_score for each in played) / len(played),
        "because": _reasons(played),
        "certified": isinstance(outcome, Certificate),
    }
    if isinstance(outcome, Refused):
        return found | {"refused": outcome.reason}
    return found | {"certificate": msgspec.to_builtins(outcome)}


def trial_view(trial: Trial) -> RenderableType:
    """For people."""
    played, outcome, asked = trial.played, trial.outcome, " and ".join(trial.first)
    table = new_table("Because", "Prompts", "Score", "Baseline's score")
    for because, count in _reasons(played).items():
        some = [each for each in played if each.because == because]
        table.add_row(
            ("accepted: " if some[0].accepted else "escalated: ") + because,
            f"{count:,}",
            f"{sum(each.score for each in some) / count:.3f}",
            f"{sum(each.baseline_score for each in some) / count:.3f}",
        )
    left = f"; {trial.left_out:,} lack an answer or a score" if trial.left_out else ""
    return Group(
        Text(f"{asked} first, else {trial.baseline}: {len(played):,} prompts{left}."),
        table,
        Text(_certified(outcome)),
    )


def _certified(outcome: Certificate | Refused) -> str:
    if isinstance(outcome, Refused):
        return f"Not certified. {outcome.reason}"
    saving = "" if outcome.saving is None else f", and saves {outcome.saving.value:.1%} of its cost"
    return (
        f"Certified: at least {outcome.floor:.1%} of the baseline's quality, with {outcome.confidence:.0%} "
        f"confidence, until {outcome.expires_at.date()}. Here it kept {outcome.quality.value:.1%}{saving} "
        f"({outcome.prices or 'prices are not known'})."
    )


def _reasons(played: Sequence[Played]) -> dict[str, int]:
    """The most frequent first."""
    found: dict[str, int] = {}
    for each in played:
        found[each.because] = found.get(each.because, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))
