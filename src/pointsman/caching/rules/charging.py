"""Who pays for a call whose answer several requests were given. Pure, and exact."""

from __future__ import annotations

from typing import Literal

from pointsman.costs import PicoUsd

Charge = Literal["first", "split"]
"""first: the request that the call was made for pays it all. split: equal parts for all who got the answer,
and what is left over, less than one picodollar each, for the first."""


def charged(cost: PicoUsd | None, others: int, charge: Charge) -> tuple[PicoUsd | None, PicoUsd | None]:
    """What the request that the call was made for pays, and what each of ``others`` pays. Together that is
    ``cost``; where that is not known (None), neither is any part of it."""
    if cost is None:
        return None, None
    if charge == "first":
        return cost, 0
    each = cost // (others + 1)
    return cost - each * others, each
