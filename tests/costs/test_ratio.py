from __future__ import annotations

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.costs.ratio import MIN_PAIRS, PER_ONE, Bounds, PairedTokens, TokenRatio, ratios_against, scaled


def paired(pairs: list[tuple[tuple[int, int], tuple[int, int]]]) -> TokenRatio | None:
    tokens = PairedTokens()
    for one, other in pairs:
        tokens.add(one, other)
    return tokens.ratio()


def test_the_ratio_is_that_of_the_sums_with_no_error_where_it_never_varies() -> None:
    ratio = paired([((n, 2 * n), (3 * n, n)) for n in range(1, MIN_PAIRS + 1)])
    assert ratio == TokenRatio(
        MIN_PAIRS,
        Bounds(3 * PER_ONE, 3 * PER_ONE, 3 * PER_ONE),
        Bounds(PER_ONE // 2, PER_ONE // 2, PER_ONE // 2),
    )


@pytest.mark.parametrize(
    "pairs",
    [
        [((1, 1), (1, 1))] * (MIN_PAIRS - 1),
        [((0, 1), (1, 1))] * MIN_PAIRS,
        [((1, 1), (1, 0))] * MIN_PAIRS,
        [],
    ],
)
def test_too_little_tells_nothing(pairs: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    assert paired(pairs) is None


def test_the_error_is_that_of_the_textbook() -> None:
    rng = random.Random(4)
    pairs = [((10, rng.randint(50, 150)), (10, rng.randint(20, 300))) for _ in range(50)]
    ratio = paired(pairs)
    assert ratio is not None
    x, y = [own[1] for own, _ in pairs], [other[1] for _, other in pairs]
    r = sum(y) / sum(x)
    variance = sum((b - r * a) ** 2 for a, b in zip(x, y, strict=True)) / 49 / 50
    error = 1.96 * sqrt(variance) / (sum(x) / 50)
    assert ratio.output.value == round(r * PER_ONE)
    assert ratio.output.low == pytest.approx((r - error) * PER_ONE, abs=2)
    assert ratio.output.high == pytest.approx((r + error) * PER_ONE, abs=2)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = random.Random(7)
    covered = 0
    for _ in range(400):
        drawn = [rng.randint(100, 900) for _ in range(100)]
        ratio = paired([((1, n), (1, round(1.5 * n + rng.gauss(0, 120)))) for n in drawn])
        assert ratio is not None
        covered += ratio.output.low <= 1.5 * PER_ONE <= ratio.output.high
    assert covered >= 370


def test_ratios_are_by_model_and_only_of_prompts_that_the_baseline_answered() -> None:
    both = [{"weak": (10, 20), "strong": (10, 40), "other": (10, 20)}] * MIN_PAIRS
    alone = [{"weak": (10, 9999)}, {"strong": (1, 1)}]
    seldom = [{"rare": (10, 10), "strong": (10, 40)}]
    found = ratios_against("strong", [*both, *alone, *seldom])
    assert set(found) == {"weak", "other"}
    assert found["weak"].output.value == 2 * PER_ONE
    assert ratios_against("absent", both) == {}


def test_usage_is_scaled_bucket_by_bucket() -> None:
    usage = Usage(1, 3, 5, 7, 9, 11, 13, reasoning=1, tier="flex")
    assert scaled(usage, PER_ONE * 2, PER_ONE // 2) == Usage(
        2, 2, 10, 14, 18, 22, 26, reasoning=1, tier="flex"
    )
    assert scaled(usage, PER_ONE, PER_ONE) is usage


@given(st.integers(0, 2**40), st.integers(0, 10**8))
def test_rounding_is_to_the_nearest(tokens: int, millionths: int) -> None:
    exact = scaled(Usage(output=tokens), 0, millionths).output
    assert abs(exact * PER_ONE - tokens * millionths) * 2 <= PER_ONE
