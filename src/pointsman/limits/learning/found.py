"""What was found out of a deployment, as limits that hold.

They have buckets of their own, beside those of limits that were configured or told, since those may be of
another kind.
"""

from __future__ import annotations

import msgspec

from pointsman.limits.request.book import ANY_SHAPE, UNBOUNDED, deployment_scope
from pointsman.limits.values.limit import MINUTE_US, PAUSE, REQUESTS, Dimension, Limit, Scope, make_limit

from .watched import ROWS, Watched

PACED_SLACK_US = 59_800_000
"""A rate that was found out goes out evenly, no more than 0.2 s of it at once …"""
KNOWN_SLACK_US = 45_000_000
"""… until a window of our own has seen a whole minute of what it is to hold back."""
ONE_BY_ONE = 60
"""Calls a minute while it is not sure what is limited."""
SAME = 0.004
"""A rate that moved by less is left as it is."""


def found_limits(watched: Watched) -> list[Limit]:
    """All of them, those without bounds too, always the same and in the same order."""
    scope, guess = deployment_scope(watched.name), watched.guess
    rate = guess.rate()
    rolling = guess.shape == "rolling"
    slack_us = KNOWN_SLACK_US if rolling and guess.load_us > MINUTE_US else PACED_SLACK_US
    limits = []
    for dimension, row in ROWS.items():
        amount = UNBOUNDED if rate is None or row != guess.row else max(1, int(rate))
        if (watched.places.unsure or guess.unsure) and dimension == "rpm":
            amount, slack_us = min(amount, ONE_BY_ONE), MINUTE_US
        paced = make_limit(scope, dimension, amount, slack_us=slack_us, source="learned")
        limits.append(msgspec.structs.replace(paced, id=f"{paced.id}/paced"))
        limits.append(_window(scope, dimension, amount if rolling else UNBOUNDED))
    places = watched.places.amount() or UNBOUNDED
    return [*limits, make_limit(scope, "concurrency", places, source="learned")]


def is_other(before: Limit, limit: Limit) -> bool:
    """Whether a limit has changed by enough to say so."""
    if limit.dimension == "concurrency" or before.slack_us != limit.slack_us:
        return before != limit
    return abs(before.amount - limit.amount) >= SAME * limit.amount


def pause_limit(deployment: str) -> Limit:
    """Full it holds nothing, and it frees one a microsecond: what it is charged is how long it is closed."""
    scope = deployment_scope(deployment)
    return Limit(
        id=f"{scope}{PAUSE}",
        scope=scope,
        dimension="rpm",
        place=REQUESTS,
        amount=MINUTE_US,
        window="refill",
        slack_us=MINUTE_US,
        source="learned",
    )


def _window(scope: Scope, dimension: Dimension, amount: int) -> Limit:
    slack_us = ANY_SHAPE.slack_us
    limit = make_limit(scope, dimension, amount, window="rolling", slack_us=slack_us, source="learned")
    return msgspec.structs.replace(limit, id=f"{limit.id}/window")
