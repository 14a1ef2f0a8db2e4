from __future__ import annotations

import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.routing.features import BUCKETS, HEAD, TAIL
from pointsman.routing.packed import Packed

LEAST, MOST = -(1 << 15), (1 << 15) - 1


def drawn(seed: int) -> array[int]:
    """Every weight as likely as any other, and the outermost ones often."""
    rng = random.Random(seed)
    numbers = array("h", rng.randbytes(2 * BUCKETS))
    for bucket in range(0, BUCKETS, 3):
        numbers[bucket] = rng.choice((LEAST, MOST, 0, -1))
    return numbers


TABLES = [drawn(seed) for seed in range(3)]
KNOWN = bytes(random.Random(9).choices(range(4), k=BUCKETS))
PACKED = {count: Packed(TABLES[:count], KNOWN) for count in (1, 2, 3)}

hashes = st.sets(st.integers(0, BUCKETS - 1), max_size=60).map(tuple)


@given(words=hashes, pairs=hashes, count=st.sampled_from(sorted(PACKED)))
@settings(max_examples=200, deadline=None)
def test_the_sums_are_those_of_the_tables(words: tuple[int, ...], pairs: tuple[int, ...], count: int) -> None:
    totals, words_known, pairs_known = PACKED[count].sums(words, pairs)
    assert totals == [sum(table[bucket] for bucket in (*words, *pairs)) for table in TABLES[:count]]
    assert words_known == sum(KNOWN[bucket] & 1 for bucket in words)
    assert pairs_known == sum(KNOWN[bucket] >> 1 for bucket in pairs)


@pytest.mark.parametrize("weights", [(LEAST, LEAST), (MOST, MOST), (LEAST, MOST), (MOST, LEAST)])
def test_no_field_overflows_into_the_next(weights: tuple[int, int]) -> None:
    packed = Packed([array("h", [weight] * BUCKETS) for weight in weights], b"\3" * BUCKETS)
    most = tuple(range(HEAD + TAIL + 1))
    totals, words_known, pairs_known = packed.sums(most, most)
    assert totals == [2 * len(most) * weight for weight in weights]
    assert words_known == pairs_known == len(most)
