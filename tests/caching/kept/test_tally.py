from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.kept.tally import OTHERS, Line, Tally


def test_what_the_cache_did_by_key_and_route() -> None:
    tally = Tally()
    for key, route, cache, saved in (
        ("k1", "m", "hit", 5),
        ("k1", "m", "hit", None),
        ("k1", "n", "miss", 0),
        ("k2", "m", "similar", 7),
        ("k2", "m", "coalesced", 3),
        ("k2", "m", "bypass", 0),
        ("k2", "n", "miss", 2),
        ("k2", "n", "replay", 4),
    ):
        tally.take(key, route, cache, saved)
    assert tally.lines() == {
        ("k1", "m"): Line(hits=2, saved=5, unpriced=1),
        ("k1", "n"): Line(misses=1),
        ("k2", "m"): Line(similar=1, coalesced=1, saved=10, bypassed=1),
        ("k2", "n"): Line(misses=1, saved=6, replayed=1),
    }
    routes = tally.by_route(9)
    assert routes == {"m": Line(2, 0, 15, 1, 1, 1, 1), "n": Line(misses=2, saved=6, replayed=1)}
    assert [line.rate for line in routes.values()] == [1.0, 0.0]
    assert Line(hits=1, coalesced=1, misses=2, bypassed=9).rate == 0.5
    assert Line(bypassed=3).rate is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("mno"), st.none() | st.integers(0, 9))))
def test_nothing_is_lost_where_lines_run_out(hits: list[tuple[str, str, int | None]]) -> None:
    tally = Tally(most=3)
    for key, route, saved in hits:
        tally.take(key, route, "hit", saved)
    lines, routes = tally.lines(), tally.by_route(2)
    assert len(lines) <= 4 and len(routes) <= 3
    for sums in (lines.values(), routes.values()):
        assert sum(line.hits for line in sums) == len(hits)
        assert sum(line.saved for line in sums) == sum(saved or 0 for *_, saved in hits)
    assert (OTHERS in lines) is (len({hit[:2] for hit in hits}) > 3)


def test_the_whole_is_the_sum_of_all_lines() -> None:
    tally = Tally(most=2)
    for key, cache in (("a", "hit"), ("b", "similar"), ("c", "coalesced"), ("a", "miss"), ("b", "bypass")):
        tally.take(key, "m", cache, 3)
    whole = tally.whole()
    counts = (whole.hits, whole.similar, whole.coalesced, whole.misses, whole.bypassed)
    assert (counts, whole.saved) == ((1, 1, 1, 1, 1), 15)
