"""What a key may do in a minute, and how its requests stand in the queue."""

from __future__ import annotations

from math import isfinite

import msgspec

from pointsman.errors import InvalidRequest

MOST = 10**12
"""Beyond any limit that means something, and still exact wherever it is counted."""
MOST_WEIGHT = 1000.0
MOST_PRIORITY = 1000

AMOUNTS = ("rpm", "input_tpm", "output_tpm", "tpm", "concurrency")


class KeyLimits(msgspec.Struct, frozen=True, gc=False):
    """Limits and standing of one key. None: not limited by the key."""

    rpm: int | None = None
    input_tpm: int | None = None
    output_tpm: int | None = None
    tpm: int | None = None
    concurrency: int | None = None
    max_wait: float | None = None
    """Seconds that its requests wait at the most, unless they say otherwise; None: as the settings say."""
    weight: float = 1.0
    """Twice the weight gets twice as much where keys compete."""
    priority: int = 0
    """A higher one goes first."""


NO_LIMITS = KeyLimits()
LIMIT_NAMES: tuple[str, ...] = KeyLimits.__struct_fields__


def check_limits(limits: KeyLimits) -> None:
    """Whether the numbers can be meant.

    Raises:
        InvalidRequest: names the first that cannot.
    """
    for name in AMOUNTS:
        amount = getattr(limits, name)
        if amount is not None and not 1 <= amount <= MOST:
            raise InvalidRequest(f"{name} is a whole number from 1 to {MOST:,}, or none at all.", param=name)
    wait = limits.max_wait
    if wait is not None and not (isfinite(wait) and wait >= 0):
        raise InvalidRequest(
            "max_wait is a number of seconds from 0, which is never to wait.", param="max_wait"
        )
    if not 1 / MOST_WEIGHT <= limits.weight <= MOST_WEIGHT:
        raise InvalidRequest(f"weight is a number from 0.001 to {MOST_WEIGHT:,.0f}.", param="weight")
    if abs(limits.priority) > MOST_PRIORITY:
        raise InvalidRequest(
            f"priority is a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY}.", param="priority"
        )
