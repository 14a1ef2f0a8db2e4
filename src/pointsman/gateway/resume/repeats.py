"""What the ledger says of a request that got the answer to an earlier one under its key. Pure."""

from __future__ import annotations

import msgspec

from pointsman.chat import Usage
from pointsman.gateway.call.values import Arrival
from pointsman.ledger.entry import CACHE, REPLAY, Entry

REPLAY_ID = b"x-pointsman-replay-id"
"""Header with the id under which the ledger has it: ``x-request-id`` is the first request's, as all of the
answer is."""


def repeat_of(first: Entry, arrival: Arrival, *, began: float | None, ended: float) -> Entry:
    """It asked nobody and cost nothing. What it saved is what the answer had cost, if that was one: an error
    is nothing that would have been paid for again.

    Args:
        first: of the request whose answer it was given.
        began: when the head of its stream was there; None: it is no stream.
        ended: when all of the answer was there. Both in monotonic seconds.
    """
    left = arrival.leave.gone
    started = arrival.started
    return msgspec.structs.replace(
        first,
        request_id=arrival.request_id,
        at_us=arrival.at_us,
        key_id=arrival.key.id,
        key_name=arrival.key.name,
        tenant=arrival.key.tenant,
        provider=CACHE,
        outcome="cut" if left else first.outcome,
        usage=Usage(),
        estimated=False,
        cost=0,
        ttft_us=round((began - started) * 1e6) if began is not None else None,
        latency_us=round((ended - started) * 1e6),
        attempts=(),
        queued_us=0,
        cache=REPLAY,
        source=first.request_id,
        saved=first.cost if first.outcome == "ok" else 0,
    )
