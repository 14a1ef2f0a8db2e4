from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.promptcache.habits import decode_counts, encode_counts
from pointsman.promptcache.odds import FIRST_GUESS, Kind, Odds
from pointsman.promptcache.uses import Counts

GUESS = Odds(0.3, 0.5)


@given(st.lists(st.tuples(st.sampled_from(sorted(FIRST_GUESS)), st.sampled_from("SLN"))))
def test_what_was_counted_is_known_again(seen: list[tuple[Kind, str]]) -> None:
    """S: followed soon. L: later. N: not at all."""
    counts = Counts()
    for kind, outcome in seen:
        for tally in counts.of(kind):
            if outcome == "S":
                tally.soon()
            else:
                tally.not_soon()
                if outcome == "L":
                    tally.later()
    again = decode_counts(encode_counts(counts))
    for kind in FIRST_GUESS:
        assert again.odds(kind, GUESS, 4.0, 4.0) == counts.odds(kind, GUESS, 4.0, 4.0)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"task":[1,2]}', b'{"task":["a",1,1,1]}', b'{"other":[9,9,9,9]}']
)
def test_what_cannot_be_read_was_never_counted(data: bytes) -> None:
    assert decode_counts(data).odds("task", GUESS, 4.0, 4.0) == GUESS


@given(st.lists(st.floats(-9, 99), min_size=4, max_size=4))
def test_whatever_was_written_odds_are_odds(numbers: list[float]) -> None:
    counts = decode_counts(b'{"task":%b}' % str(numbers).encode())
    odds = counts.odds("task", GUESS, 4.0, 4.0)
    assert 0.0 <= odds.soon <= odds.later <= 1.0
