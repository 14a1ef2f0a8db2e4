from __future__ import annotations

import pytest

from pointsman.limits import NOTHING, Reservation, Scope, make_limit

LIMITS = tuple(make_limit(Scope("key", name), "rpm", 5) for name in "abc")


@pytest.mark.parametrize("count", range(4))
def test_a_part_and_the_rest_are_the_whole(count: int) -> None:
    rest = Reservation(LIMITS, NOTHING, 9, token="t")
    part = rest.split(count)
    assert part.limits + rest.limits == LIMITS
    assert len(part.limits) == count
    assert (part.amounts, part.at_us, part.token, part.settled) == (NOTHING, 9, "t", False)
    part.settled = True
    assert not rest.settled
