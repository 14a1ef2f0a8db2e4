"""What a request is told that cannot start in time. Pure: words and numbers."""

from __future__ import annotations

from math import floor

from pointsman.errors import PointsmanError, RateLimited, ServerBusy
from pointsman.limits.values.limit import PAUSE, Limit
from pointsman.limits.values.ticket import Ticket

AWAY_RETRY = 1.0
"""Seconds between attempts to reach a store that is away; for Retry-After."""
_WHOSE = {
    "key": "The key {}",
    "model": "The model {}",
    "provider": "The account at {}",
    "deployment": "{}",
}
_WHAT = {
    "rpm": "requests a minute (rpm)",
    "input_tpm": "prompt tokens a minute (input_tpm)",
    "output_tpm": "answer tokens a minute (output_tpm)",
    "tpm": "tokens a minute (tpm)",
    "concurrency": "calls at once (concurrency)",
}


def never(ticket: Ticket, limit: Limit) -> RateLimited:
    """It is larger than the limit: waiting is of no use."""
    error = RateLimited(
        f"{_name(limit)}, and this request needs {ticket.amounts[limit.place]:,}: it can never start. "
        "Send less at once, or have that limit raised.",
        code="larger_than_limit",
    )
    error.retryable = False
    return error


def too_late(
    ticket: Ticket,
    limit: Limit | None,
    wait_us: int | None,
    left_us: int,
    *,
    factor: float = 1.0,
    away: bool = False,
) -> PointsmanError:
    """It would start, but after its deadline.

    Args:
        wait_us: microseconds until it would start; ``factor`` times as long is reckoned with.
        left_us: of its patience.
        away: the store that replicas share is away, and this replica has only its share.
    """
    patience_us = max(0, ticket.deadline_us - ticket.at_us)
    if away and wait_us is None:
        whose = "This replica" if limit is None else f"{_name(limit)}, and this replica"
        return ServerBusy(
            f"Redis, where replicas count their limits together, is away. {whose} has no share of its own "
            "left for this request. Send it again later; pointsman doctor says what is wrong.",
            code="limits_away",
            retry_after=AWAY_RETRY,
        )
    if wait_us is None:
        return RateLimited(
            f"{_reached(limit)}. When one of the calls under way ends cannot be told yet, and this request "
            f"may wait {_seconds(patience_us)}. Allow it more with x-pointsman-max-wait."
        )
    after_us = max(0, wait_us - floor(left_us / factor)) + 1
    wait_us = round(wait_us * factor)
    said = _only_share(limit) if away else f"{_reached(limit)}."
    return RateLimited(
        f"{said} This request could start in {_seconds(wait_us)}, but may wait "
        f"{_seconds(patience_us)}. Send it again in {_seconds(after_us)}, or allow it to wait with "
        "x-pointsman-max-wait.",
        retry_after=after_us / 1_000_000,
    )


def passed_over(
    ticket: Ticket, limit: Limit | None, wait_us: int | None, *, factor: float = 1.0
) -> RateLimited:
    """It was let wait, and will not have started before its deadline.

    Args:
        wait_us: until the same request would start if it came now; as in ``too_late``.
    """
    said = (
        f"{_reached(limit)}. This request was let wait, but others that came later went before it, or took "
        "more than they had said, and it does not start before its deadline."
    )
    if wait_us is None:
        return RateLimited(f"{said} When it could cannot be told yet. Send it again later.")
    patience_us = max(0, ticket.deadline_us - ticket.at_us)
    after_us = max(0, wait_us - floor(patience_us / factor)) + 1
    return RateLimited(f"{said} Send it again in {_seconds(after_us)}.", retry_after=after_us / 1_000_000)


def full(most: int, waiting: int, wait_us: int | None) -> RateLimited:
    """There is no place to wait in."""
    return RateLimited(
        f"{waiting:,} requests wait already, and {most:,} places are kept for all keys together, of which "
        "one key may not take all. Send it again later, or have max_waiting raised.",
        code="queue_full",
        retry_after=None if wait_us is None else (wait_us + 1) / 1_000_000,
    )


def left() -> PointsmanError:
    """The client has gone; nobody reads this."""
    return PointsmanError("The client has gone while it waited.", status=499, code="client_left")


def _name(limit: Limit) -> str:
    whose = _WHOSE[limit.scope.kind].format(limit.scope.name)
    return f"{whose} may have {limit.amount:,} {_WHAT[limit.dimension]}"


def _reached(limit: Limit | None) -> str:
    if limit is not None and limit.id.endswith(PAUSE):
        return f"{limit.scope.name} has refused calls, and nothing is sent there for as long as it asked"
    return "A limit is reached" if limit is None else f"{_name(limit)}, and that is reached"


def _only_share(limit: Limit | None) -> str:
    whose = "" if limit is None else f" {_name(limit)};"
    return (
        f"Redis, where replicas count their limits together, is away.{whose} until it is back, this replica "
        "goes on within its share, and others may have taken the rest. pointsman doctor says what is wrong."
    )


def _seconds(us: int) -> str:
    return f"{us / 1_000_000:,.1f} s"
