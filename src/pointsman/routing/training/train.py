"""Examples to a router."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pointsman.errors import InvalidRequest
from pointsman.routing.router import Router

from .calibration import Curve, along, chances, curve_of, line_of
from .example import Example, draw, in_order
from .folding import fold_parts
from .logistic import Line, fit_rows
from .matrix import Design, design
from .tenants import weights_of

Floats = NDArray[np.float64]
Tell = Callable[[str, int, int], None]

LEAST_LABELS = 20
"""Of each model. That few teach next to nothing, and so the router will say."""
_MANY = 20_000


@dataclass(frozen=True)
class Trained:
    """A router, and how such a router judges what it has not seen: each prompt by what was learned, and
    calibrated, from the others."""

    router: Router
    examples: tuple[Example, ...]
    """What was learned from, in the order of the rows below."""
    positions: tuple[int, ...]
    """Of these in what was given."""
    chances: Floats
    """A row for each example, a column for each model."""
    losses: Floats
    """A column for each model but the last."""


def train(examples: Sequence[Example], models: Sequence[str], seed: int = 0) -> Router:
    """Learn which prompts need which model.

    Args:
        models: from weak to strong; the last is the one that the others are held against.

    Raises:
        InvalidRequest: a model has too few labels.
    """
    return learn(examples, models, seed).router


def learn(
    examples: Sequence[Example], models: Sequence[str], seed: int = 0, tell: Tell | None = None
) -> Trained:
    """The same, with what tells how good the router is.

    Args:
        tell: called with what is done, and how many steps of how many are.
    """
    positions = in_order(examples, models)
    known = [examples[at] for at in positions]
    _check(known, models)
    folds = 3 if len(known) > _MANY else 5
    steps = 1 + len(models) * (folds + 1)
    done = iter(range(1, steps + 1))

    def tick(what: str) -> None:
        step = next(done)
        if tell is not None:
            tell(what, step, steps)

    features = [e.features for e in known]
    table = design(features)
    tick("reading")
    weights = weights_of([f.origin[1] for f in features])
    fold = np.array([draw(f, seed) % folds for f in features])
    lines: list[tuple[Line, Curve]] = []
    plain, unseen = np.zeros((2, len(known), len(models)))
    for column, model in enumerate(models):
        scores = np.array([e.scores.get(model, np.nan) for e in known])
        fitted, plain[:, column], unseen[:, column] = _fit(
            table, scores, weights, fold, partial(tick, f"learning {model}")
        )
        lines.append(fitted)
    gaps, losses = _gaps(known, models, plain, weights, fold)
    labels = sum(model in e.scores for e in known for model in models)
    router = Router(fold_parts(table, lines, gaps, tuple(models), features, labels))
    return Trained(router, tuple(known), tuple(positions), unseen, losses)


def _check(examples: Sequence[Example], models: Sequence[str]) -> None:
    if len(set(models)) < 2 or len(set(models)) < len(models):
        raise InvalidRequest("A router chooses between at least two different models, from weak to strong.")
    for model in models:
        count = sum(model in e.scores for e in examples)
        if count < LEAST_LABELS:
            raise InvalidRequest(
                f"There are {count} labels of {model}; at least {LEAST_LABELS} of each model are needed, and"
                " hundreds to learn anything."
            )


def _fit(
    table: Design, scores: Floats, weights: Floats, fold: NDArray[np.int64], tick: Callable[[], None]
) -> tuple[tuple[Line, Curve], Floats, Floats]:
    """Calibrated, and the chances of all rows, without and with a curve, by what was learned from other folds
    than theirs."""
    rated = np.flatnonzero(~np.isnan(scores))
    y, w, folds = scores[rated], weights[rated], fold[rated]
    odds = np.zeros(len(scores))
    for part in range(int(fold.max()) + 1):
        learned = rated[folds != part]
        line = fit_rows(table.rows[learned], scores[learned], weights[learned])
        here = np.flatnonzero(fold == part)
        odds[here] = line(table.rows[here])
        tick()
    plain, unseen = np.zeros((2, len(scores)))
    for part in range(int(fold.max()) + 1):
        others, here = folds != part, np.flatnonzero(fold == part)
        slope, offset, curve = _calibrated(odds[rated[others]], y[others], w[others])
        plain[here] = chances(slope * odds[here] + offset)
        unseen[here] = along(curve, plain[here])
    line = fit_rows(table.rows[rated], y, w)
    tick()
    slope, offset, curve = _calibrated(odds[rated], y, w)
    return (Line(line.weights * slope, line.bias * slope + offset), curve), plain, unseen


def _calibrated(odds: Floats, scores: Floats, weights: Floats) -> tuple[float, float, Curve]:
    slope, offset = line_of(odds, scores, weights)
    return slope, offset, curve_of(chances(slope * odds + offset), scores, weights)


def _gaps(
    examples: Sequence[Example],
    models: Sequence[str],
    plain: Floats,
    weights: Floats,
    fold: NDArray[np.int64],
) -> tuple[list[tuple[float, float]], Floats]:
    """For each model but the last: from the difference of two chances to the loss that was measured.

    The chances are those without curves: losses have a calibration of their own here, and what decides the
    order of prompts is the better the smoother it is.
    """
    gaps = []
    losses = np.zeros((len(examples), len(models) - 1))
    for column, model in enumerate(models[:-1]):
        nan = float("nan")
        lost = np.array([e.scores.get(models[-1], nan) - e.scores.get(model, nan) for e in examples])
        expected = plain[:, -1] - plain[:, column]
        both = ~np.isnan(lost)
        for part in range(int(fold.max()) + 1):
            others = both & (fold != part)
            a, b = _gap(expected[others], lost[others], weights[others])
            losses[fold == part, column] = a + b * expected[fold == part]
        gaps.append(_gap(expected[both], lost[both], weights[both]))
    return gaps, losses


def _gap(expected: Floats, lost: Floats, weights: Floats) -> tuple[float, float]:
    """A line by least squares, held near the diagonal while there are few prompts that both answered."""
    if len(lost) < LEAST_LABELS:
        return 0.0, 1.0
    x, y = np.average(expected, weights=weights), np.average(lost, weights=weights)
    dx, dy = expected - x, lost - y
    prior = 4 * float(np.average(dy**2, weights=weights))
    slope = (float((weights * dx * dy).sum()) + prior) / (float((weights * dx**2).sum()) + prior or 1.0)
    slope = min(max(slope, 0.05), 2.0)
    return float(y - slope * x), slope
