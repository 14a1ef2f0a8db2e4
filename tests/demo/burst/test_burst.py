from __future__ import annotations

from random import Random

import pytest

from pointsman.demo.burst.burst import Burst, crowd, opening, small_burst


def test_the_burst_is_three_times_what_is_allowed_meanwhile() -> None:
    burst = Burst()
    assert burst.times == pytest.approx(3.0)
    assert burst.least_seconds == pytest.approx(30.0)
    assert len(opening(burst)) == burst.rpm
    assert {ask.at for ask in opening(burst)} == {0.0}


@pytest.mark.parametrize(("most", "requests"), [(9, 9), (89, 89), (90, 90), (1000, 90)])
def test_a_smaller_one_is_as_steep(most: int, requests: int) -> None:
    burst = small_burst(most)
    assert burst.requests == requests
    assert burst.times == pytest.approx(3.0)


def test_equal_seeds_give_equal_crowds_in_order() -> None:
    burst = Burst()
    one, same, other = (crowd(burst, Random(seed).random) for seed in (1, 1, 2))
    assert one == same != other
    assert [ask.at for ask in one] == sorted(ask.at for ask in one)
    assert len(one) == burst.requests
    assert 0 <= one[0].at < one[-1].at <= burst.seconds
    assert sum(ask.stream for ask in one) == burst.requests // 2
