"""Orders of deployments: shares, ties, affinity and its bound."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.resilience import Standing, affinity, hold, least_busy, prefix_digest, weighted


def digests(count: int) -> list[bytes]:
    return [prefix_digest(b"tenant", str(number).encode()) for number in range(count)]


def test_weights_are_shares() -> None:
    dice = Random(3)
    standings = [Standing("a", 1.0), Standing("b", 2.0), Standing("c", 5.0), Standing("d", 0.0)]
    first = Counter(weighted(standings, dice.random)[0] for _ in range(8_000))
    assert [round(first[index] / 1_000) for index in range(4)] == [1, 2, 5, 0]


def test_the_rest_are_drawn_by_weight_too() -> None:
    dice = Random(4)
    standings = [Standing("a", 1_000.0), Standing("b", 1.0), Standing("c", 3.0)]
    second = Counter(weighted(standings, dice.random)[1] for _ in range(4_000))
    assert second[2] / second[1] == pytest.approx(3.0, rel=0.15)


@pytest.mark.parametrize(
    ("standings", "order"),
    [
        ([Standing("a", 1.0, 2), Standing("b", 1.0, 1)], [1, 0]),
        ([Standing("a", 1.0, 2), Standing("b", 4.0, 7)], [1, 0]),
        ([Standing("a", 1.0), Standing("b", 3.0), Standing("c", 3.0)], [1, 2, 0]),
        ([Standing("a", 0.0), Standing("b", 1.0, 99)], [1, 0]),
        ([Standing("a", 1.0, 0, 9.0), Standing("b", 1.0, 99), Standing("c", 1.0, 0, 3.0)], [1, 2, 0]),
        ([Standing("a", 1.0, 0, 9.0), Standing("b", 0.0)], [1, 0]),
        ([], []),
    ],
)
def test_least_busy(standings: list[Standing], order: list[int]) -> None:
    assert least_busy(standings) == order


def test_affinity_is_the_same_in_every_process_and_in_any_order_of_the_settings() -> None:
    standings = [Standing(name) for name in ("a", "b", "c", "d")]
    backwards = standings[::-1]
    for digest in digests(50):
        here = [standings[index].key for index in affinity(standings, digest)]
        there = [backwards[index].key for index in affinity(backwards, digest)]
        assert here == there
    assert [affinity(standings, digest)[0] for digest in digests(8)] == [2, 1, 1, 2, 3, 0, 1, 2]


def test_affinity_heeds_weights() -> None:
    standings = [Standing("a", 1.0), Standing("b", 3.0)]
    first = Counter(affinity(standings, digest)[0] for digest in digests(4_000))
    assert first[1] / first[0] == pytest.approx(3.0, rel=0.15)


def test_taking_one_away_moves_only_its_own() -> None:
    standings = [Standing(name) for name in ("a", "b", "c", "d")]
    fewer = standings[:3]
    for digest in digests(300):
        order = [index for index in affinity(standings, digest) if index != 3]
        assert affinity(fewer, digest) == order


def test_a_hot_prefix_spills_over_and_comes_back() -> None:
    digest = prefix_digest(b"hot")
    standings = [Standing(name) for name in ("a", "b", "c", "d")]
    home, second, *_ = affinity(standings, digest)
    taken = Counter[int]()
    for _ in range(100):
        index = affinity(standings, digest)[0]
        taken[index] += 1
        standings[index] = msgspec.structs.replace(standings[index], in_flight=taken[index])
    assert taken[home] == max(taken.values()) <= 1.25 * 100 / 4 + 1
    assert taken[second] > 0
    assert affinity([Standing(name) for name in ("a", "b", "c", "d")], digest)[0] == home


def test_a_few_at_a_time_stay_together() -> None:
    digest = prefix_digest(b"agent")
    idle = [Standing("a"), Standing("b")]
    home = affinity(idle, digest)[0]
    idle[home] = msgspec.structs.replace(idle[home], in_flight=7)
    assert affinity(idle, digest)[0] == home
    idle[home] = msgspec.structs.replace(idle[home], in_flight=8)
    assert affinity(idle, digest)[0] != home


@pytest.mark.parametrize(
    ("holder", "order"),
    [
        (Standing("b", 1.0, 7), [1, 2, 0]),
        (Standing("b", 1.0, 8), [2, 0, 1]),  # full: more than its share, and more than a few
        (Standing("b", 1.0, 0, 3.0), [2, 0, 1]),
        (Standing("b", 0.0), [2, 0, 1]),
    ],
)
def test_who_holds_the_prefix_comes_first_while_it_has_room(holder: Standing, order: list[int]) -> None:
    assert hold([Standing("a"), holder, Standing("c")], [2, 0, 1], 1) == order


def test_pieces_of_a_prefix_do_not_run_together() -> None:
    assert prefix_digest(b"ab", b"c") != prefix_digest(b"a", b"bc")
    assert prefix_digest(b"ab", b"c") == prefix_digest(b"ab", b"c")


standings_strategy = st.lists(
    st.builds(
        Standing,
        key=st.text(max_size=3),
        weight=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
        in_flight=st.integers(0, 20),
        ready_in=st.sampled_from([0.0, 0.0, 1.0, 7.0]),
    ),
    max_size=6,
)


@given(standings=standings_strategy, seed=st.integers(0, 99))
def test_every_order_names_each_once_and_the_open_ones_last(standings: list[Standing], seed: int) -> None:
    dice = Random(seed)
    digest = prefix_digest(str(seed).encode())
    for order in (weighted(standings, dice.random), least_busy(standings), affinity(standings, digest)):
        assert sorted(order) == list(range(len(standings)))
        waits = [standings[index].ready_in for index in order]
        assert waits == sorted(waits)
