from __future__ import annotations

from collections import Counter

import pytest

from bench.sharing.plan import KEY_SHARES, KEYS, OVER, REPLICAS, SHARES, SIZES, Dice, make_limits

MEAN = sum(size * share for size, share in SIZES) + 20


@pytest.mark.parametrize("scarce", ["requests", "tokens"])
def test_three_times_of_what_is_scarce_is_asked_for(scarce: str) -> None:
    limits = make_limits(rpm=240, window="refill", scarce=scarce)
    dice = Dice(1, limits)
    seconds = sum(dice.pause() for _ in range(5_000))
    asked = 5_000 / seconds * 60 * (1 if scarce == "requests" else MEAN)
    limit = limits.rpm if scarce == "requests" else limits.tpm
    assert asked == pytest.approx(OVER * limit, rel=0.1)
    assert (limits.tpm > limits.rpm * MEAN) == (scarce == "requests")


def test_replicas_and_keys_are_uneven_and_those_that_died_are_left_out() -> None:
    limits = make_limits(rpm=240, window="refill", scarce="requests")
    dice, again = Dice(1, limits), Dice(1, limits)
    asks = [dice.ask(list(range(REPLICAS))) for _ in range(5_000)]
    assert [again.ask(list(range(REPLICAS))) for _ in range(5_000)] == asks
    by_replica, by_key = Counter(ask.replica for ask in asks), Counter(ask.key for ask in asks)
    for number, share in enumerate(SHARES):
        assert by_replica[number] / 5_000 == pytest.approx(share, abs=0.03)
    for key, share in zip(KEYS, KEY_SHARES, strict=True):
        assert by_key[key] / 5_000 == pytest.approx(share, abs=0.03)
    assert {dice.ask([1, 3]).replica for _ in range(100)} == {1, 3}
    assert len({ask.prompt for ask in asks}) == 5_000, "no provider answers from its cache"
