from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits.local.bucket import Refill
from pointsman.limits.local.cold import Cold

MINUTE_US = 60_000_000


@given(amount=st.integers(1, 10**12), now=st.integers(0, 10**15), used=st.integers(0, 10**12 * MINUTE_US))
def test_a_bucket_comes_out_as_it_went_in(amount: int, now: int, used: int) -> None:
    cold, bucket = Cold(), Refill(amount, now * amount + used)
    if not cold.put("a", bucket):
        assert (now * amount + used) // amount >= 2**62
        return
    assert len(cold) == 1
    assert cold.get("a") == bucket
    assert cold.get("b") is None
    assert cold.pop("a") == bucket
    assert (cold.pop("a"), len(cold)) == (None, 0)


def test_what_is_held_or_too_large_stays_outside() -> None:
    cold = Cold()
    assert not cold.put("a", Refill(60, 10**9, held=1))
    assert not cold.put("a", Refill(1, 2**63))
    assert not cold.put("a", Refill(2**63, 1))
    assert len(cold) == 0


def test_what_is_full_is_forgotten_and_nothing_else() -> None:
    cold = Cold()
    for number in range(1_000):
        assert cold.put(f"bucket {number}", Refill(7, 7 * number - 3))
    for _ in range(200):
        cold.forget(499, 1_000)
    assert len(cold) == 500
    left = [bool(cold.get(f"bucket {number}")) for number in range(1_000)]
    assert left == [False] * 500 + [True] * 500


def test_nothing_to_forget_is_no_work_saved_up() -> None:
    cold = Cold()
    cold.forget(1, 10**12)
    cold.put("a", Refill(1, 1))
    cold.put("b", Refill(1, 1))
    cold.forget(1, 1)
    assert len(cold) == 2, "those shelves are not among the first"
