from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cache.policies import clairvoyant, recency, the_most_popular
from bench.cache.traces import digests, moved, with_scans, zipf

TRACES = st.lists(st.integers(0, 4), max_size=9)


def best(trace: list[int], places: int) -> int:
    """Most hits of all ways to keep: each is tried."""
    states = {frozenset[int](): 0}
    for question in trace:
        after: dict[frozenset[int], int] = {}
        for kept, hits in states.items():
            hits += question in kept
            wider = kept | {question}
            for size in (min(places, len(wider)),):
                for choice in combinations(sorted(wider), size):
                    left = frozenset(choice)
                    after[left] = max(after.get(left, 0), hits)
        states = after
    return max(states.values())


@given(TRACES, st.integers(1, 3))
def test_who_knows_the_future_has_the_most_hits_there_can_be(trace: list[int], places: int) -> None:
    assert sum(clairvoyant(trace, places)) == best(trace, places)
    assert sum(recency(trace, places)) <= best(trace, places)


@pytest.mark.parametrize(
    ("trace", "places", "hits"),
    [([1, 1, 2, 1], 1, [0, 1, 0, 0]), ([1, 2, 1, 3, 2, 1], 2, [0, 0, 1, 0, 0, 0]), ([], 1, [])],
)
def test_the_least_recent_goes_first(trace: list[int], places: int, hits: list[int]) -> None:
    assert recency(trace, places) == [bool(hit) for hit in hits]


def test_the_most_popular_are_those_with_the_lowest_numbers() -> None:
    assert the_most_popular([0, 1, 2, 10, 12], 2, 10) == [True, True, False, True, False]


def test_traces_are_what_they_say() -> None:
    trace = zipf(50, 1.0, 20_000, seed=3)
    assert zipf(50, 1.0, 20_000, seed=3) == trace
    assert 1.8 < trace.count(0) / trace.count(1) < 2.2
    assert set(trace) <= set(range(50))
    assert with_scans([1, 2, 3], every=2, length=2, first=9) == [1, 2, 9, 10, 3, 11, 12]
    assert moved([1, 2, 3, 4], 10) == [1, 2, 13, 14]
    assert len(set(digests(100))) == 100
