from __future__ import annotations

from math import exp, sqrt

import pytest
from msgspec.structs import replace

from pointsman.routing.features import Reading, read_sample
from pointsman.routing.parts import Head
from pointsman.routing.sample import Sample
from pointsman.routing.scorer import Scorer
from pointsman.routing.shape import SHAPE
from tests.support.parts import head, route_table

ROUTE = read_sample(Sample("x", route="r")).origin[0]
ZEROS, FULL = bytes(len(SHAPE)), b"\xff" * len(SHAPE)


def odds(made: Head, text: str, shape: bytes = ZEROS, route: str = "") -> float:
    reading = replace(read_sample(Sample(text, route=route)), shape=shape)
    scorer = Scorer(made, ZEROS, FULL)
    return scorer.odds(reading, sum(scorer.words[at] for at in (*reading.words, *reading.pairs)))


WEIGHTS = {"hard": -300, "easy": 100}
LONE = tuple(2.0 if name == "tools" else 0.0 for name in SHAPE)


@pytest.mark.parametrize(
    ("made", "text", "route", "expected"),
    [
        (head(WEIGHTS), "hard", "", -3.0),
        (head(WEIGHTS), "hard easy", "", -2.0 / sqrt(3)),  # two words and a pair
        (head(WEIGHTS), "hard hard hard", "", -3.0 / sqrt(2)),
        (head(WEIGHTS, bias=0.5), "other", "", 0.5),
        (head(WEIGHTS, bias=0.5), "", "", 0.5),
        (head(WEIGHTS, origin={ROUTE: 0.25}), "hard", "r", -2.75),
        (head(WEIGHTS, origin={ROUTE: 0.25}), "hard", "s", -3.0),
        (head(WEIGHTS, routes={ROUTE: route_table({"hard": 400})}), "hard", "r", 1.0),
        (head(WEIGHTS, routes={ROUTE: route_table({"hard": 400})}), "hard", "", -3.0),
    ],
)
def test_the_sum(made: Head, text: str, route: str, expected: float) -> None:
    assert odds(made, text, route=route) == pytest.approx(expected)


def test_the_shape_is_weighed_number_by_number() -> None:
    shape = bytes(3 if name == "tools" else 9 for name in SHAPE)
    assert odds(head({}, shape=LONE), "x", shape) == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("bias", "curve", "chance"),
    [
        (0.0, (), 0.5),
        (1.0, (), 1 / (1 + exp(-1.0))),
        (-1000.0, (), 0.0),
        (1000.0, (), 1.0),
        (0.0, ((0.0, 0.2), (1.0, 0.4)), 0.3),
        (0.0, ((0.0, 0.2), (0.4, 0.6), (1.0, 0.9)), 0.65),
        (-1000.0, ((0.0, 0.2), (1.0, 0.4)), 0.2),
        (1000.0, ((0.0, 0.2), (1.0, 0.4)), 0.4),
        (1000.0, ((0.0, 0.2), (0.5, 0.9)), 1.0),  # carried on beyond its end, never over 1
    ],
)
def test_the_chance(bias: float, curve: tuple[tuple[float, float], ...], chance: float) -> None:
    scorer = Scorer(head({}, bias=bias, curve=curve), ZEROS, FULL)
    assert scorer.curved(
        scorer.chance(Reading(frozenset(), frozenset(), ZEROS, (0, 0, 0)), 0)
    ) == pytest.approx(chance)
