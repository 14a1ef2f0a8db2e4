from __future__ import annotations

import numpy as np

from pointsman.routing.features import Features, featurise, hashes_in
from pointsman.routing.sample import Sample
from pointsman.routing.shape import SHAPE
from pointsman.routing.training.matrix import LEAST_OF_ORIGIN, LEAST_OF_ROUTE, design
from tests.support.parts import bucket


def some(*texts: str, route: str = "", tenant: str = "") -> list[Features]:
    return [featurise(Sample(text, route=route, tenant=tenant)) for text in texts]


def test_a_word_of_a_single_prompt_gets_no_column_and_is_known_all_the_same() -> None:
    made = design(some("red fox", "red dog", "blue dog"))
    assert set(made.buckets.tolist()) == {bucket("red"), bucket("dog")}
    assert [int(made.counts_words[bucket(word)]) for word in ("red", "fox", "cat")] == [2, 1, 0]
    assert made.rows.shape == (3, 2 + len(SHAPE))


def test_a_row_sums_up_to_what_the_scorer_sums_up() -> None:
    features = some("red fox", "red dog runs", "red cat", "blue dog")
    made = design(features)
    row = made.rows.toarray()[1]
    terms = len(hashes_in(features[1].words)) + len(hashes_in(features[1].pairs))
    by_bucket = dict(zip(made.buckets.tolist(), row[: len(made.buckets)] * np.sqrt(terms), strict=True))
    rarity = dict(zip(made.buckets.tolist(), made.rarity, strict=True))
    for word in ("red", "dog"):
        assert by_bucket[bucket(word)] == rarity[bucket(word)]
    assert rarity[bucket("dog")] > rarity[bucket("red")]
    shape = (np.frombuffer(features[1].shape, np.uint8) - made.mean) * made.spread
    assert np.allclose(row[len(made.buckets) :], shape)


def test_bounds_and_steady_numbers_of_the_shape() -> None:
    features = some("a", "a b c d e f", "a b c")
    made = design(features)
    shapes = np.array([list(f.shape) for f in features])
    assert list(made.low) == shapes.min(0).tolist()
    assert list(made.high) == shapes.max(0).tolist()
    assert made.spread[SHAPE.index("tools")] == 0


def test_routes_and_tenants_get_columns_where_they_can_be_told_apart() -> None:
    few = some("a b", route="rare") * (LEAST_OF_ORIGIN - 1)
    features = some("a b", route="r", tenant="t") * 10 + some("a b", route="s", tenant="t") * 10 + few
    made = design(features)
    idents = {f.origin[place] for f in features[:20] for place in (0, 1)}
    assert {ident for ident, _ in made.origins} == idents
    assert made.routes == ()
    assert design(some("a b", route="r") * 10).origins == ()


def test_words_on_a_large_route_get_columns_of_their_own() -> None:
    r, s = some("red fox", route="r") * LEAST_OF_ROUTE, some("red dog", route="s") * LEAST_OF_ROUTE
    made = design(r + s + some("red", route="small") * 20)
    assert set(made.routes) == {r[0].origin[0], s[0].origin[0]}
    assert len(made.route_buckets) == 4
    assert made.rows.shape[1] == len(made.buckets) + len(SHAPE) + len(made.origins) + 4
