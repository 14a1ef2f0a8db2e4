"""The settings of idempotency keys, and what they come to."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy
from pointsman.config.kinds import Count, Seconds


class IdempotencySettings(Struct, frozen=True, forbid_unknown_fields=True):
    shared: Annotated[
        bool,
        Meta(
            description="Keep them in Redis (`redis.url`), for replicas that have no database in common; "
            "they outlive a restart as far as that server does. Else they are in the database of the ledger."
        ),
    ] = False
    hours: Annotated[
        Annotated[float, Meta(gt=0, le=24 * 366)],
        Meta(description="Hours for which the answer to a request with an `Idempotency-Key` is kept."),
    ] = 24.0
    max_mb: Annotated[
        Count,
        Meta(
            description="Most of such answers on disk or in Redis, in units of 1,048,576 bytes; the oldest "
            "go first."
        ),
    ] = 256
    max_answer_mb: Annotated[
        Annotated[int, Meta(ge=1, le=1024)],
        Meta(description="Largest of one that is kept; four times as much is held in memory at the most."),
    ] = 16
    linger: Annotated[
        Seconds,
        Meta(
            description="Seconds for which an answer is gone on with after its client has left, so that a "
            "retry finds it; 0 ends it at once."
        ),
    ] = 60.0


def idempotency_policy(given: IdempotencySettings) -> IdempotencyPolicy:
    return IdempotencyPolicy(
        keep_us=round(given.hours * 3_600_000_000),
        most=given.max_mb << 20,
        most_answer=given.max_answer_mb << 20,
        linger=given.linger,
    )
