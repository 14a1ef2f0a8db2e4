from __future__ import annotations

import pytest

from pointsman.limits import Level, Scope, make_limit
from pointsman.limits.local.slots import Slots
from pointsman.limits.values.limit import NEVER, UNKNOWN

LIMIT = make_limit(Scope("key", "k"), "concurrency", 3)


@pytest.mark.parametrize(
    ("held", "amount", "wait_us"),
    [
        (0, 1, 0),
        (0, 3, 0),
        (0, 4, NEVER),
        (2, 1, 0),
        (2, 2, UNKNOWN),
        (3, 0, 0),
        (3, 1, UNKNOWN),
        (3, 4, NEVER),
    ],
)
def test_looking_and_taking_agree_on_the_wait(held: int, amount: int, wait_us: int) -> None:
    slots = Slots(held)
    assert slots.wait_us(LIMIT, amount, 0) == wait_us
    assert slots.take(LIMIT, amount, 0) == wait_us
    assert slots.held == (held if wait_us else held + amount)


def test_all_that_was_reserved_is_given_back_and_nothing_else_counts() -> None:
    slots = Slots.new(LIMIT, 0)
    slots.take(LIMIT, 2, 0)
    slots.charge(LIMIT, 5, 0)
    assert slots.level(LIMIT, 0) == Level(LIMIT, 2, 2, 0)
    assert not slots.idle(10**12)
    slots.settle(2, 7, 0, 0)
    assert slots.idle(0)


def test_what_is_undone_is_free_again() -> None:
    slots = Slots.new(LIMIT, 0)
    slots.take(LIMIT, 3, 0)
    slots.undo(3, 0)
    assert slots.wait_us(LIMIT, 3, 0) == 0
