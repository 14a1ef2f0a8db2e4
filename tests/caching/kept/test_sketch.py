from __future__ import annotations

from collections import Counter
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.kept.sketch import Sketch


def digest(n: int) -> bytes:
    return blake2b(b"%d" % n, digest_size=32).digest()


@given(st.lists(st.integers(0, 50), max_size=300), st.sampled_from([1, 8, 256]))
def test_it_never_counts_too_little(asked: list[int], width: int) -> None:
    sketch = Sketch(width)
    for n in asked:
        sketch.touch(digest(n))
    assert sketch.touches == len(asked)
    for n, times in Counter(asked).items():
        assert sketch.estimate(digest(n)) >= min(times, 15)


def test_with_room_enough_it_counts_right() -> None:
    sketch = Sketch(4096)
    for n in range(400):
        for _ in range(n % 15):
            sketch.touch(digest(n))
    wrong = sum(sketch.estimate(digest(n)) != n % 15 for n in range(400))
    assert wrong <= 2
    assert sum(sketch.estimate(digest(n)) > 0 for n in range(1000, 2000)) <= 5


def test_what_was_long_ago_is_forgotten_by_halves() -> None:
    sketch = Sketch(64)
    for _ in range(12):
        sketch.touch(digest(1))
    told = []
    for _ in range(4):
        sketch.age()
        told.append(sketch.estimate(digest(1)))
    assert told == [6, 3, 1, 0]
    assert sketch.touches == 0


def test_many_counters_are_halved_a_part_at_a_time() -> None:
    sketch = Sketch(1 << 15)
    keys = [digest(n) for n in range(2_000)]
    for key in keys * 8:
        sketch.touch(key)
    before = sum(map(sketch.estimate, keys))
    sketch.age()
    assert sketch.touches == 16_000
    assert before / 2 <= sum(map(sketch.estimate, keys)) < before
    sketch.age()
    assert sketch.touches == 8_000
    assert all(sketch.estimate(key) in (4, 5) for key in keys)
    assert sketch.size == 4 << 15


@pytest.mark.parametrize("width", [0, 3, -4])
def test_its_width_is_a_power_of_two(width: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        Sketch(width)


def test_its_size_does_not_change() -> None:
    sketch = Sketch(64)
    for n in range(1000):
        sketch.touch(digest(n))
    sketch.age()
    assert sketch.size == 256
