from __future__ import annotations

import re
from random import Random
from typing import Any

import msgspec
import pytest

from pointsman.routing.evidence import (
    Certificate,
    Point,
    Refused,
    certify,
    decode_certificate,
    encode_certificate,
    floor_p_value,
)
from pointsman.routing.evidence.certify import TRUSTED, Doubt
from tests.support.routing_certificates import NOW
from tests.support.routing_points import World, pair_points

WORLD = World(pair_points(Random(99), 40_000))


def certified(points: list[Point], **options: Any) -> Certificate | Refused:
    return certify(points, pool=("haiku", "opus"), router="r1", now=NOW, **options)


def test_a_certificate_names_what_it_rests_on() -> None:
    points = pair_points(Random(1), 2000)
    made = certified(points, route="mail", prices="a price ratio of 5", days=7, period=(NOW, NOW))
    assert isinstance(made, Certificate)
    assert (made.route, made.router, made.pool, made.costs) == ("mail", "r1", ("haiku", "opus"), (1.0, 5.0))
    assert (made.labels, made.floor, made.confidence, made.fingerprint.count) == (2000, 0.98, 0.95, 2000)
    assert (made.expires_at - made.made_at).days == 7
    assert made.p <= 0.05
    assert made.quality.low < made.quality.value < made.quality.high
    assert sum(made.shares) == pytest.approx(1)
    assert made.saving is not None
    assert made.saving.value == pytest.approx(made.shares[0] * 0.8)
    assert WORLD.kept(made.threshold) >= 0.98
    assert decode_certificate(encode_certificate(made)) == made
    assert (
        certified(points[::-1], route="mail", prices="a price ratio of 5", days=7, period=(NOW, NOW)) == made
    )


def test_without_prices_no_saving_is_named() -> None:
    made = certified(pair_points(Random(1), 2000))
    assert isinstance(made, Certificate)
    assert made.saving is None


def test_the_floor_holds() -> None:
    """The true quality is known: of 200 certificates at most one in twenty may be below the floor (and three
    standard errors of 200 tries)."""
    below, shares = 0, []
    for seed in range(200):
        made = certified(pair_points(Random(seed), 500))
        if isinstance(made, Certificate):
            below += WORLD.kept(made.threshold) < 0.98
            shares.append(made.shares[0])
    assert below / 200 <= 0.05 + 3 * 0.0154
    assert len(shares) > 100
    assert sum(shares) / 200 > 0.05


def test_a_pool_of_three_is_certified_as_one_family() -> None:
    rng = Random(4)
    points = [
        Point(
            (one.losses[0], one.losses[0] / 2, 0.0), (one.scores[0], one.scores[1], one.scores[1]), (1, 3, 9)
        )
        for one in pair_points(rng, 2000)
    ]
    made = certify(points, pool=("a", "b", "c"), router="r1", now=NOW)
    assert isinstance(made, Certificate)
    assert made.shares[0] > 0 and made.shares[1] > 0
    assert len(made.shares) == 3


def test_where_the_cheap_one_is_as_good_it_takes_everything() -> None:
    made = certified(pair_points(Random(2), 8000, gap=0.0))
    assert isinstance(made, Certificate)
    assert made.shares == (1.0, 0.0)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (pair_points(Random(1), 499), "499 labelled prompts are fewer than the 500"),
        (pair_points(Random(1), 900, source="feedback"), "0 labelled prompts.*900 more do not count"),
        ([Point((0.5, 0.0), (0.0, 1.0), (1, 5), id=str(i)) for i in range(600)], "Even the safest"),
        (
            [Point((0.5, 0.0), (1.0, 1.0), (9, 5), id=str(i)) for i in range(600)],
            "nothing to a cheaper model",
        ),
        (
            [Point((0.5, 0.0), (1.0, 1.0), (1, 5), familiarity=0.1, id=str(i)) for i in range(600)],
            "nothing to a cheaper model",
        ),
    ],
)
def test_what_cannot_be_certified_says_why(points: list[Point], reason: str) -> None:
    refused = certified(points, route="mail", min_familiarity=0.2)
    assert isinstance(refused, Refused)
    assert refused.route == "mail"
    assert re.search(reason, refused.reason), refused.reason


def test_a_refusal_speaks_of_what_was_to_be_certified() -> None:
    points = [Point((0.5, 0.0), (1.0, 1.0), (9, 5), id=str(i)) for i in range(600)]
    refused = certified(points, policy="the cascade")
    assert isinstance(refused, Refused) and refused.reason.startswith("The cascade would send nothing")


def test_a_refusal_says_how_near_it_was() -> None:
    rng = Random(8)
    points = [
        Point((0.3, 0.0), (float(rng.random() < 0.895), float(rng.random() < 0.9)), (1, 5), id=str(i))
        for i in range(500)
    ]
    refused = certified(points, floor=0.99)
    assert isinstance(refused, Refused)
    assert refused.threshold == pytest.approx(0.305)
    assert refused.p is not None and refused.p > 0.05
    assert refused.quality is not None


def test_the_unfamiliar_goes_to_the_baseline() -> None:
    points = [
        msgspec.structs.replace(point, familiarity=float(number % 2))
        for number, point in enumerate(pair_points(Random(2), 2000, gap=0.0))
    ]
    made = certified(points, min_familiarity=0.5)
    assert isinstance(made, Certificate)
    assert made.shares == (0.5, 0.5)


def poisoned(seed: int, share: float) -> list[Point]:
    """Graded labels, and half as many of feedback of which a share was turned round."""
    rng = Random(seed)
    said = [
        msgspec.structs.replace(point, id=f"f{point.id}", scores=(1 - point.scores[0], 1 - point.scores[1]))
        if rng.random() < share
        else msgspec.structs.replace(point, id=f"f{point.id}")
        for point in pair_points(rng, 300, source="feedback", tenant=f"t{seed % 3}")
    ]
    return pair_points(rng, 600) + said


SPAM = [
    msgspec.structs.replace(point, scores=(1.0, 0.0), id=f"s{point.id}", tenant="spam")
    for point in pair_points(Random(1), 1000, source="feedback")
]
"""One tenant says of everything that the weak model is perfect and the strong one useless."""


def spammed(seed: int) -> list[Point]:
    rng = Random(seed)
    return pair_points(rng, 600) + pair_points(rng, 100, source="feedback", tenant="good") + SPAM


@pytest.mark.parametrize("how", ["flipped", "spammed"])
def test_poisoned_feedback_does_not_push_quality_below_the_floor(how: str) -> None:
    """Feedback counts for nothing by default; where it is let in, doubt makes certificates fail."""
    below = let_in = 0
    for seed in range(200):
        points = poisoned(seed, 0.2) if how == "flipped" else spammed(seed)
        made = certified(points)
        if isinstance(made, Certificate):
            assert made.labels == 600
            below += WORLD.kept(made.threshold) < 0.98
        if seed < 20:
            let_in += isinstance(certified(points, sources=TRUSTED | {"feedback"}), Certificate)
    assert below / 200 <= 0.05 + 3 * 0.0154
    assert let_in == 0


def test_feedback_that_is_trusted_counts() -> None:
    said = pair_points(Random(1), 2000, source="feedback")
    said = [msgspec.structs.replace(point, tenant=f"t{number % 50}") for number, point in enumerate(said)]
    made = certified(said, sources={"feedback"}, doubt=Doubt(share=0.0))
    assert isinstance(made, Certificate)
    assert made.labels == 2000


def test_the_feedback_of_one_tenant_is_capped() -> None:
    loud = pair_points(Random(1), 900, source="feedback", tenant="loud")
    rest = [
        msgspec.structs.replace(point, tenant=f"t{number % 25}", id=f"r{number}")
        for number, point in enumerate(pair_points(Random(2), 2500, source="feedback"))
    ]
    made = certified(loud + rest, sources={"feedback"}, doubt=Doubt(share=0.0, tenant_share=0.1))
    assert isinstance(made, Certificate)
    assert made.labels == 2500 + 340


def test_any_fixed_rule_can_be_tested() -> None:
    assert floor_p_value([1.0] * 600, [1.0] * 600, 0.98) <= 0.05
    assert floor_p_value([0.9] * 600, [1.0] * 600, 0.98) == 1.0
