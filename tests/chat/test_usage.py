"""Disjoint buckets: nothing is counted twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage

tokens = st.integers(0, 10**7)
usages = st.builds(
    Usage,
    input=tokens,
    output=tokens,
    cache_read=tokens,
    cache_write_5m=tokens,
    cache_write_30m=tokens,
    cache_write_1h=tokens,
    cache_write_12h=tokens,
    reasoning=tokens,
    tier=st.sampled_from(["", "priority"]),
)


def test_the_prompt_is_the_sum_of_its_buckets() -> None:
    usage = Usage(input=1, cache_read=2, cache_write_5m=4, cache_write_30m=8, cache_write_1h=16, output=64)
    assert (usage.cache_write, usage.prompt, usage.total) == (28, 31, 95)


def test_reasoning_is_part_of_the_output() -> None:
    assert Usage(output=10, reasoning=4).total == 10


@given(usages, usages)
def test_adding_is_by_bucket(a: Usage, b: Usage) -> None:
    total = a + b
    assert total.prompt == a.prompt + b.prompt
    assert total.total == a.total + b.total
    assert total.reasoning == a.reasoning + b.reasoning
    assert total.tier == (a.tier if a.tier == b.tier else "")
    assert a + b == b + a


@given(usages)
def test_no_usage_adds_nothing(usage: Usage) -> None:
    assert usage + Usage(tier=usage.tier) == usage
