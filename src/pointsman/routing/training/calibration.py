"""From log-odds that rank well to chances that are true, on prompts that were not learned from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

Floats = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]

_PRIOR = 5.0
_POINTS, _LEAST_POINTS = 12, 5
_A_POINT = 200
_KEPT = 0.2


def line_of(odds: Floats, scores: Floats, weights: Floats) -> tuple[float, float]:
    """Slope and offset that make log-odds honest (Platt 1999), by Newton's method.

    With few labels the slope stays near 1, as if some dozens more had shown it to be so; it never turns the
    order around.
    """
    slope, offset = 1.0, 0.0
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(slope * odds + offset, -30, 30)))
        error, curve = weights * (chance - scores), weights * chance * (1 - chance)
        gradient = np.array([(error * odds).sum() + _PRIOR * (slope - 1), error.sum() + 0.1 * offset])
        cross = (curve * odds).sum()
        hessian = np.array([[(curve * odds**2).sum() + _PRIOR, cross], [cross, curve.sum() + 0.1]])
        step = np.linalg.solve(hessian, gradient)
        slope, offset = float(np.clip(slope - step[0], 0.05, 5.0)), float(offset - step[1])
        if np.abs(step).max() < 1e-9:
            break
    return slope, offset


def chances(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))), float)


def curve_of(before: Floats, scores: Floats, weights: Floats) -> Curve:
    """Points of a rising curve from the chances of a line to those measured; none where labels are few.

    What no line can mend: a kind of prompts that a model fails though its words look easy makes a second
    hump. The curve goes through the means of equally many prompts, made to rise (isotonic regression), with a
    fifth of the line kept, so that it never is flat and two prompts that differ still do.
    """
    points = min(_POINTS, len(scores) // _A_POINT)
    if points < _LEAST_POINTS:
        return ()
    parts = np.array_split(np.argsort(before, kind="stable"), points)
    mass = np.array([weights[part].sum() for part in parts])
    x = np.array([np.average(before[part], weights=weights[part]) for part in parts])
    measured = np.array([np.average(scores[part], weights=weights[part]) for part in parts])
    y = (1 - _KEPT) * isotonic_regression(measured, sample_weight=mass) + _KEPT * x
    x, y = (
        np.concatenate([[0], x, [1]]),
        np.concatenate([[max(0, y[0] - x[0])], y, [min(1, 1 + y[-1] - x[-1])]]),
    )
    rising = np.concatenate([[True], np.diff(x) > 1e-6])
    return tuple(zip(x[rising].tolist(), y[rising].tolist(), strict=True))


def along(curve: Curve, chances: Floats) -> Floats:
    if not curve:
        return chances
    x, y = zip(*curve, strict=True)
    return np.asarray(np.interp(chances, x, y), float)
