from __future__ import annotations

from typing import cast

import pytest

from pointsman.limits import NOTHING, Amounts, Scope, make_limit
from pointsman.limits.turns.seen import ALIKE, ENOUGH, MOST, MOST_DRIFT, Seen

SLOTS = make_limit(Scope("model", "m"), "concurrency", 4)
TPM = make_limit(Scope("model", "m"), "tpm", 1_000)


def likely(seen: Seen, reserved: int) -> float:
    """Of a request that reserves so much of the limit of tokens."""
    amounts = list(NOTHING)
    amounts[TPM.place] = reserved
    return seen.likely((SLOTS, TPM), cast(Amounts, tuple(amounts)))[TPM.place]


def test_nothing_is_known_at_first() -> None:
    seen = Seen()
    assert (seen.hold_us(SLOTS), likely(seen, 70)) == (None, 70)
    assert seen.hold_among((TPM, SLOTS)) == 1_000_000


def test_means_follow_what_is_seen() -> None:
    seen = Seen()
    for hold, used in ((2_000_000, 50), (4_000_000, 70)):
        seen.hold(SLOTS, hold)
        seen.use(TPM, 100, used)
    assert seen.hold_us(SLOTS) == seen.hold_among((TPM, SLOTS)) == pytest.approx(3_000_000)
    assert likely(seen, 100) == pytest.approx(60)
    for _ in range(400):
        seen.use(TPM, 100, 100)
    assert likely(seen, 100) == pytest.approx(100, abs=1)


def test_who_may_use_little_uses_more_of_it_than_who_may_use_much() -> None:
    seen = Seen()
    for _ in range(ALIKE):
        seen.use(TPM, 40, 40)
        seen.use(TPM, 1_000, 240)
    assert [likely(seen, reserved) for reserved in (50, 900)] == pytest.approx([50, 216])
    assert likely(seen, 10) == pytest.approx(10 * 280 / 1_040), "of that size none are known: as of all"


def test_what_reserved_nothing_teaches_nothing() -> None:
    seen = Seen()
    seen.use(TPM, 0, 50)
    assert (likely(seen, 100), likely(seen, 0)) == (100, 0)


def test_only_so_much_is_remembered() -> None:
    seen = Seen()
    for number in range(MOST + 1):
        seen.hold(make_limit(Scope("key", str(number)), "concurrency", 1), 5)
    assert seen.hold_us(make_limit(Scope("key", "0"), "concurrency", 1)) is None
    assert seen.hold_us(make_limit(Scope("key", "1"), "concurrency", 1)) == 5


def test_few_may_be_late() -> None:
    seen = Seen()
    assert seen.margin("lane") == 0
    seen.late("lane")
    assert seen.margin("lane") == 0.05
    for _ in range(500):
        seen.in_time("lane")
    assert seen.margin("lane") < 0.02
    for _ in range(500):
        seen.in_time("lane")
    assert seen.margin("lane") == 0
    for _ in range(500):
        seen.late("lane")
    assert seen.margin("lane") == 1
    for _ in range(700):
        seen.in_time("lane")
    assert seen.margin("lane") == pytest.approx(0.5, abs=0.01), "a large one is forgotten faster"
    seen.pushed_out("other")
    assert seen.margin("other") == 0.02


def test_how_much_longer_they_wait_than_thought_is_learned_by_lane() -> None:
    seen = Seen()
    assert seen.stretch("lane") == 1
    seen.waited("lane", 0, 5_000_000)
    assert seen.stretch("lane") == 1, "nothing was thought of it"
    for _ in range(100):
        seen.waited("lane", 1_000_000, 4_000_000)
        seen.waited("lane", 100_000, 400_000)
        seen.waited("quick", 1_000_000, 10_000)
    assert seen.stretch("lane") == pytest.approx(4)
    assert seen.stretch("quick") == 1
    for _ in range(300):
        seen.waited("lane", 1_000_000, 2_000_000)
    assert seen.stretch("lane") == pytest.approx(2, rel=0.05)


def test_how_far_waits_drift_from_estimates_is_believed_once_enough_have_waited_and_within_bounds() -> None:
    seen = Seen()
    assert seen.drift("l") == 1.0
    for _ in range(ENOUGH - 1):
        seen.waited("l", 1_000, 1_200)
    assert seen.drift("l") == 1.0
    for _ in range(500):
        seen.waited("l", 1_000, 1_200)
    assert seen.drift("l") == pytest.approx(1.2)
    for _ in range(500):
        seen.waited("l", 1_000, 90_000)
    assert seen.drift("l") == MOST_DRIFT
    for _ in range(1_000):
        seen.waited("l", 1_000, 1)
    assert seen.drift("l") == pytest.approx(1 / MOST_DRIFT)
