"""What is kept of an attempt while it is under way, in case the process dies of it. Pure."""

from __future__ import annotations

import msgspec

from pointsman.chat import Usage
from pointsman.costs import UnpricedUsage
from pointsman.ledger.open_call import OpenCall
from pointsman.tokens import most_body_tokens

from .account import GENERATED_AT_ONCE, AttemptRecord
from .call import Call


def open_call(call: Call, record: AttemptRecord) -> OpenCall:
    """The attempt that is about to be sent, with the most that it may be billed for by its size."""
    arrival, route, peek = call.arrival, record.route, call.peek
    assert peek is not None, "peeked at before it is sent"
    key = arrival.key
    output = peek.max_output
    if output is None:
        output = _most_output(call, record)
    usage = Usage(most_body_tokens(record.sent_body), output)
    cost = None
    if route.pricer is not None:
        try:
            cost = route.pricer.price(usage, arrival.at_us)
        except UnpricedUsage:
            cost = None
    return OpenCall(
        arrival.request_id,
        record.number,
        arrival.at_us,
        key.id,
        key.name,
        key.tenant,
        arrival.face.name,
        peek.model if arrival.errand is None else arrival.errand.requested,
        route.name,
        route.provider.name,
        route.upstream_model,
        peek.stream,
        usage,
        cost,
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
    """Where the request does not say: a preset's limit, or what is generated before anything is seen."""
    plan, model = call.plan, record.route.model
    preset = plan.defaults.get("max_output") if plan is not None and plan.defaults else None
    if preset is not None:
        return int(preset)
    if model is None or model.max_output is None:
        return GENERATED_AT_ONCE
    return min(model.max_output, GENERATED_AT_ONCE)
