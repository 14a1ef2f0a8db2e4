"""What is kept of an attempt while it is under way, in case the process dies of it. Pure."""

from __future__ import annotations

import msgspec

from pointsman.chat import Usage
from pointsman.ledger.open_call import OpenCall
from pointsman.tokens import most_bytes_tokens

from .account import GENERATED_AT_ONCE, AttemptRecord, cost_of
from .call import Call


def open_call(call: Call, record: AttemptRecord) -> OpenCall:
    """The attempt that is about to be sent, with the most that it may be billed for by its size."""
    arrival, route, peek = call.arrival, record.route, call.peek
    assert peek is not None, "peeked at before it is sent"
    key = arrival.key
    usage = Usage(most_bytes_tokens(len(record.sent_body)), _most_output(call, record))
    return OpenCall(
        arrival.request_id,
        record.number,
        arrival.at_us,
        key.id,
        key.name,
        key.tenant,
        arrival.face.name,
        peek.model,
        route.name,
        route.provider.name,
        route.upstream_model,
        peek.stream,
        usage,
        cost_of(route, usage, arrival.at_us),
    )


def failed_call(call: Call, record: AttemptRecord) -> OpenCall:
    """The attempt that has failed, and that another one follows."""
    return msgspec.structs.replace(
        open_call(call, record),
        usage=record.usage,
        cost=record.cost,
        status=record.status,
        error=record.error,
    )


def _most_output(call: Call, record: AttemptRecord) -> int:
    """What the request allows; where it does not say, as much as is generated before anything is seen."""
    peek, plan, model = call.peek, call.plan, record.route.model
    if peek is not None and peek.max_output is not None:
        return peek.max_output
    preset = plan.defaults.get("max_output") if plan is not None and plan.defaults else None
    if preset is not None:
        return int(preset)
    if model is None or model.max_output is None:
        return GENERATED_AT_ONCE
    return min(model.max_output, GENERATED_AT_ONCE)
