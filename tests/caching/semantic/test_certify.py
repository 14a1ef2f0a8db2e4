from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import comb

import pytest

from pointsman.caching.semantic.certificate import SemanticCertificate
from pointsman.caching.semantic.certify import (
    THRESHOLDS,
    Measured,
    NotCertified,
    certify,
    needed_hits,
    share_p_value,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def pairs(*groups: tuple[int, bool, float], refused: tuple[str, ...] = ()) -> list[Measured]:
    """So many, same, similarity."""
    return [
        Measured(f"a{group} {number} {refused}", f"b{group} {number}", same, similarity, refused)
        for group, (count, same, similarity) in enumerate(groups)
        for number in range(count)
    ]


def test_it_takes_the_lowest_threshold_that_is_shown() -> None:
    made = certify(
        pairs((600, True, 0.95), (100, True, 0.72), (50, False, 0.65), (40, False, 0.3)),
        route="faq",
        vectors="v",
        now=NOW,
        days=10,
    )
    assert isinstance(made, SemanticCertificate)
    assert (made.threshold, made.hits, made.wrong, made.found) == (0.7, 700, 0, 700)
    assert (made.pairs, made.same, made.tried) == (790, 700, len(THRESHOLDS))
    assert made.expires_at - made.made_at == timedelta(days=10)
    assert made.p <= 0.05 / len(THRESHOLDS)


def test_what_the_guards_refuse_is_no_hit() -> None:
    wrong = pairs((100, False, 0.99), refused=("numbers",))
    made = certify([*pairs((600, True, 0.95)), *wrong], route="faq", vectors="v", now=NOW)
    assert isinstance(made, SemanticCertificate) and made.wrong == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (pairs((100, True, 0.9)), "Label more pairs"),
        (pairs((500, True, 0.9), (100, False, 0.95)), "others may"),
        ([], "0 wrong of 0 hits"),
    ],
)
def test_it_says_why_nothing_is_certified(given: list[Measured], told: str) -> None:
    made = certify(given, route="faq", vectors="v", now=NOW)
    assert isinstance(made, NotCertified)
    assert told in made.reason and made.needed == needed_hits(0.01, 0.95, len(THRESHOLDS)) == 528


def test_one_threshold_needs_fewer_pairs_and_a_pair_counts_once() -> None:
    given = pairs((300, True, 0.9))
    one = certify(given, route="faq", vectors="v", now=NOW, thresholds=(0.85,))
    assert isinstance(one, SemanticCertificate) and one.hits == 300
    turned = [Measured(pair.right, pair.left, pair.same, pair.similarity) for pair in given]
    twice = certify([*given[:150], *turned[:150]], route="faq", vectors="v", now=NOW, thresholds=(0.85,))
    assert isinstance(twice, NotCertified) and twice.pairs == 150


@pytest.mark.parametrize(
    ("wrong", "hits", "share"), [(0, 300, 0.01), (3, 500, 0.02), (0, 0, 0.01), (5, 5, 0.5)]
)
def test_the_p_value_is_the_binomial_tail(wrong: int, hits: int, share: float) -> None:
    tail = sum(comb(hits, k) * share**k * (1 - share) ** (hits - k) for k in range(wrong + 1))
    assert share_p_value(wrong, hits, share) == pytest.approx(min(1, tail))


def test_large_counts_are_reckoned_too() -> None:
    assert 0 < share_p_value(40, 100_000, 0.001) < 1e-9
    assert share_p_value(5_000, 100_000, 0.01) == pytest.approx(1)


def test_a_certificate_is_wrong_as_seldom_as_it_says() -> None:
    """A world where 3 % of hits are wrong, at every threshold, and 2 % are asked for."""
    rng, broken = random.Random(7), 0
    for _ in range(60):
        drawn = [Measured(f"a{n}", f"b{n}", rng.random() >= 0.03, rng.uniform(0.4, 1.0)) for n in range(600)]
        made = certify(drawn, route="r", vectors="v", now=NOW, max_wrong=0.02)
        broken += isinstance(made, SemanticCertificate)
    assert broken <= 4
