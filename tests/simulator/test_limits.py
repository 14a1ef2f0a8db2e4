from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.simulator.limits import Bucket, Family, Limits, Refusal

SECOND = 1_000_000
MINUTE = 60 * SECOND


def test_a_bucket_refills_evenly_and_exactly() -> None:
    bucket = Bucket(60, now=0)
    bucket.take(60, now=0)
    assert bucket.remaining(0) == 0
    assert bucket.wait(1, 0) == SECOND
    assert bucket.remaining(SECOND - 1) == 0
    assert bucket.remaining(SECOND) == 1
    assert bucket.until_full(SECOND) == 59 * SECOND
    assert bucket.remaining(10 * MINUTE) == 60
    assert bucket.wait(61, 10 * MINUTE) is None


@given(
    per_minute=st.integers(1, 5000),
    steps=st.lists(st.tuples(st.integers(0, 90 * SECOND), st.integers(0, 200)), max_size=30),
)
def test_never_more_than_a_full_bucket_and_its_refill(per_minute: int, steps: list[tuple[int, int]]) -> None:
    bucket, now, taken = Bucket(per_minute, 0), 0, 0
    for pause, amount in steps:
        now += pause
        wait = bucket.wait(amount, now)
        if wait == 0:
            bucket.take(amount, now)
            taken += amount
        elif wait is not None:
            assert bucket.wait(amount, now + wait - 1) == 1
            assert bucket.wait(amount, now + wait) == 0
            now += wait
        assert taken <= per_minute + Fraction(now * per_minute, MINUTE)


@pytest.mark.parametrize("family", ["openai", "anthropic"])
def test_requests_a_minute(family: Family) -> None:
    limits = Limits(family, rpm=3, tpm=10**9, now=0)
    assert [limits.admit(10, 10, 0) is None for _ in range(4)] == [True, True, True, False]
    assert limits.admit(10, 10, 0) == Refusal("requests", 3, 20 * SECOND)
    assert limits.admit(10, 10, 20 * SECOND) is None


def test_openai_takes_the_prompt_and_the_stated_maximum_beforehand() -> None:
    limits = Limits("openai", rpm=1000, tpm=100, now=0)
    assert limits.admit(30, 50, 0) is None
    assert limits.admit(10, 11, 0) == Refusal("tokens", 100, 600_000)
    limits.settle(20, 50, 0)
    assert limits.input.remaining(0) == 20
    assert limits.admit(90, 11, 0) == Refusal("tokens", 100, None)


def test_openai_takes_an_answer_without_a_maximum_when_it_is_there() -> None:
    limits = Limits("openai", rpm=1000, tpm=100, now=0)
    assert limits.admit(30, None, 0) is None
    limits.settle(60, None, 0)
    assert limits.input.remaining(0) == 10


def test_anthropic_counts_output_when_it_is_made() -> None:
    limits = Limits("anthropic", rpm=1000, tpm=100, now=0)
    assert limits.admit(40, 100_000, 0) is None
    limits.settle(160, 100_000, 0)
    assert limits.output is not None
    assert limits.output.remaining(0) == 0
    assert limits.admit(1, 1, 0) == Refusal("output tokens", 100, 61 * 600_000)
    assert limits.admit(1, 1, 61 * 600_000) is None


def test_a_refusal_takes_nothing() -> None:
    limits = Limits("anthropic", rpm=10, tpm=100, now=0)
    assert limits.admit(101, None, 0) == Refusal("input tokens", 100, None)
    assert limits.requests.remaining(0) == 10
    assert limits.input.remaining(0) == 100
