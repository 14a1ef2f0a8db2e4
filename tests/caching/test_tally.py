from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.tally import OTHERS, Line, Tally


def test_hits_misses_and_what_they_saved_by_key_and_route() -> None:
    tally = Tally()
    tally.hit("k1", "m", 5)
    tally.hit("k1", "m", None)
    tally.miss("k1", "n")
    tally.hit("k2", "m", 7)
    assert tally.lines() == {
        ("k1", "m"): Line(hits=2, saved=5, unpriced=1),
        ("k1", "n"): Line(misses=1),
        ("k2", "m"): Line(hits=1, saved=7),
    }
    assert tally.by_key() == {"k1": Line(2, 1, 5, 1), "k2": Line(1, 0, 7)}
    assert tally.by_route() == {"m": Line(3, 0, 12, 1), "n": Line(0, 1)}
    assert [line.rate for line in tally.by_key().values()] == [2 / 3, 1.0]
    assert Line().rate is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("mno"), st.none() | st.integers(0, 9))))
def test_nothing_is_lost_where_lines_run_out(hits: list[tuple[str, str, int | None]]) -> None:
    tally = Tally(most=3)
    for key, route, saved in hits:
        tally.hit(key, route, saved)
    lines = tally.lines()
    assert len(lines) <= 4
    assert sum(line.hits for line in lines.values()) == len(hits)
    assert sum(line.saved for line in lines.values()) == sum(saved or 0 for *_, saved in hits)
    assert (OTHERS in lines) is (len({hit[:2] for hit in hits}) > 3)
