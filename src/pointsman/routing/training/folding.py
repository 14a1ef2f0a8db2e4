"""What was learned, as the parts of a router: columns of a matrix back to tables of hashes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pointsman.routing.features import BUCKETS, Features, hashes_in
from pointsman.routing.learned_from import learned_from
from pointsman.routing.parts import ROUTE_BUCKETS, Head, Parts
from pointsman.routing.router import knownness
from pointsman.routing.shape import SHAPE

from .calibration import Curve
from .logistic import Line
from .matrix import Design

Floats = NDArray[np.float64]

_LARGEST = 32_000
_QUANTILES = 1000


def fold_parts(
    design: Design,
    lines: Sequence[tuple[Line, Curve]],
    gaps: Sequence[tuple[float, float]],
    models: tuple[str, ...],
    features: Sequence[Features],
    labels: int,
) -> Parts:
    known = (design.counts_words > 0) + 2 * (design.counts_pairs > 0)
    return Parts(
        models=models,
        heads=tuple(_head(design, line, curve) for line, curve in lines),
        gaps=tuple(gaps),
        known=known.astype(np.uint8).tobytes(),
        low=design.low,
        high=design.high,
        middle=tuple(design.mean.tolist()),
        usual=_usual(design, features),
        prompts=len(features),
        labels=labels,
        learned=learned_from(features),
    )


def _head(design: Design, line: Line, curve: Curve) -> Head:
    ends = np.cumsum([len(design.buckets), len(SHAPE), len(design.origins)])
    words, shape, origins, routes = np.split(line.weights, ends)
    words, routes = words * design.rarity, routes * design.route_rarity
    scale = float(max(np.abs(words).max(initial=0), np.abs(routes).max(initial=0)) / _LARGEST) or 1.0
    table = np.zeros(BUCKETS)
    table[design.buckets] = words / scale
    own = np.zeros(len(design.routes) * ROUTE_BUCKETS)
    own[design.route_buckets] = routes / scale
    shape = shape * design.spread
    return Head(
        words=_whole(table),
        scale=scale,
        shape=tuple(shape.tolist()),
        origin={
            ident: float(weight * value)
            for (ident, value), weight in zip(design.origins, origins.tolist(), strict=True)
        },
        routes={
            route: _whole(numbers)
            for route, numbers in zip(design.routes, own.reshape(-1, ROUTE_BUCKETS), strict=True)
        },
        bias=line.bias - float(shape @ design.mean),
        curve=curve,
    )


def _whole(numbers: Floats) -> bytes:
    return np.round(numbers).astype("<i2").tobytes()


def _usual(design: Design, features: Sequence[Features]) -> tuple[float, ...]:
    """How well each prompt is known by all the others: by words that at least one more prompt has."""
    twice_words, twice_pairs = design.counts_words >= 2, design.counts_pairs >= 2
    known = np.empty(len(features))
    for row, f in enumerate(features):
        words, pairs = np.asarray(hashes_in(f.words)), np.asarray(hashes_in(f.pairs))
        known[row] = knownness(
            int(twice_words[words].sum()), int(twice_pairs[pairs].sum()), len(words), len(pairs)
        )
    shares = np.linspace(0, 1, min(_QUANTILES, len(known)))
    return tuple(np.quantile(known, shares).tolist())
