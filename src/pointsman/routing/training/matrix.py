"""Examples as a sparse matrix: a row for each prompt, a column for each thing that may get a weight.

The columns, in blocks: words and pairs that at least two prompts have (each valued by how rare it is); the
shape; routes, tenants and system prompts; and words on one route. What is regularised alike weighs as its
values are large: the small values of routes and of words on a route make them depart from what holds for all
only as far as their labels bear out. That is partial pooling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, hstack

from pointsman.routing.features import BUCKETS, Features
from pointsman.routing.parts import ROUTE_BUCKETS
from pointsman.routing.shape import SHAPE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WORD_VALUE = 1 / 6
SHAPE_VALUE = 0.07
ORIGIN_VALUES = (0.5, 0.3, 0.3)
"""Of route, tenant and system prompt: half of what a few dozen labels say is believed."""
ON_ROUTE = 0.5
"""Of a word on a route, beside the same word anywhere."""
LEAST_OF_ORIGIN = 5
LEAST_OF_ROUTE = 100
MOST_ROUTES = 16


@dataclass(frozen=True)
class Design:
    rows: Any  # a csr_matrix: SciPy has no types
    counts_words: Ints
    counts_pairs: Ints
    buckets: Ints
    """Of the first columns."""
    rarity: Floats
    """Of these buckets: what a weight must be multiplied by."""
    mean: Floats
    spread: Floats
    low: bytes
    high: bytes
    origins: tuple[tuple[int, float], ...]
    """Of the columns that follow the shape: the hash, and the value."""
    routes: tuple[int, ...]
    route_buckets: Ints
    """For each column of words on a route: position of the route times ``ROUTE_BUCKETS``, plus the bucket."""
    route_rarity: Floats


def design(features: Sequence[Features]) -> Design:
    words, pairs = _counted([f.words for f in features]), _counted([f.pairs for f in features])
    root = 1 / np.sqrt(np.maximum(_sums(words) + _sums(pairs), 1))
    counts_words, counts_pairs = _columns(words), _columns(pairs)
    both = words + pairs
    counts = _columns(both)
    buckets = np.flatnonzero(counts >= 2)
    rarity = (np.log((1 + len(features)) / (1 + counts)) + 1) * WORD_VALUE
    terms = diags_array(root) @ both.tocsc()[:, buckets] @ diags_array(rarity[buckets])

    shape = np.array([list(f.shape) for f in features], float).reshape(-1, len(SHAPE))
    mean, spread = shape.mean(0), shape.std(0)
    steady = np.where(spread > 0, SHAPE_VALUE / np.maximum(spread, 1.0), 0.0)
    origins, origin_rows = _origins(features)
    routes = _routes(features)
    on_routes, route_buckets, route_rarity = _on_routes(features, routes, words, root, rarity)
    blocks = [terms, csr_matrix((shape - mean) * steady), origin_rows, on_routes]
    return Design(
        rows=hstack(blocks, format="csr"),
        counts_words=counts_words,
        counts_pairs=counts_pairs,
        buckets=buckets,
        rarity=rarity[buckets],
        mean=mean,
        spread=steady,
        low=bytes(shape.min(0).astype(np.uint8)),
        high=bytes(shape.max(0).astype(np.uint8)),
        origins=origins,
        routes=routes,
        route_buckets=route_buckets,
        route_rarity=route_rarity,
    )


def _counted(held: Sequence[bytes]) -> Any:
    ends = np.cumsum([0, *(len(h) // 4 for h in held)])
    columns = np.frombuffer(b"".join(held), np.uint32).astype(np.int64)
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(held), BUCKETS))


def _sums(matrix: Any) -> Floats:
    return np.asarray(matrix.sum(axis=1), float).ravel()


def _columns(matrix: Any) -> Ints:
    return np.bincount(matrix.indices, minlength=BUCKETS).astype(np.int64)


def _origins(features: Sequence[Features]) -> tuple[tuple[tuple[int, float], ...], Any]:
    """What all prompts share says nothing beside the bias, and what hardly any has cannot be learned from."""
    columns: list[tuple[int, float]] = []
    blocks = []
    for place, value in enumerate(ORIGIN_VALUES):
        here = np.array([f.origin[place] for f in features], np.int64)
        for ident, count in sorted(Counter(here.tolist()).items()):
            if ident and LEAST_OF_ORIGIN <= count < len(features):
                columns.append((ident, value))
                blocks.append(csr_matrix((here == ident)[:, None] * value))
    empty = csr_matrix((len(features), 0))
    return tuple(columns), hstack(blocks, format="csr") if blocks else empty


def _routes(features: Sequence[Features]) -> tuple[int, ...]:
    counts = Counter(f.origin[0] for f in features)
    large = [route for route, count in counts.most_common() if route and count >= LEAST_OF_ROUTE]
    return tuple(sorted(large[:MOST_ROUTES])) if len(counts) > 1 else ()


def _on_routes(
    features: Sequence[Features], routes: tuple[int, ...], words: Any, root: Floats, rarity: Floats
) -> tuple[Any, Ints, Floats]:
    wide = np.zeros(0, np.int64)
    if not routes:
        return csr_matrix((len(features), 0)), wide, np.zeros(0)
    place = {route: at for at, route in enumerate(routes)}
    of_row = np.array([place.get(f.origin[0], -1) for f in features])
    entries = words.tocoo()
    kept = of_row[entries.row] >= 0
    row, bucket = entries.row[kept], entries.col[kept] % ROUTE_BUCKETS
    column = of_row[row] * ROUTE_BUCKETS + bucket
    wide, at, counts = np.unique(column, return_inverse=True, return_counts=True)
    matrix = csr_matrix((root[row], (row, at)), shape=(len(features), len(wide)))
    frequent = np.flatnonzero(counts >= 2)
    # Buckets of a route are shared by sixteen of the large table, so they take the rarity of a usual word.
    usual = float(np.median(rarity[rarity > 0])) * ON_ROUTE
    return (matrix[:, frequent] * usual).tocsr(), wide[frequent], np.full(len(frequent), usual)
