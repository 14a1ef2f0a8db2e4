"""A call to a provider that is under way, and the entry that is made of it if the process dies meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd

from .entry import Attempt, Entry

PROCESS_DIED = "process_died"
"""The error code of such entries."""


class OpenCall(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What must survive the process about one attempt: kept from its sending until its entry is committed."""

    request_id: str
    number: int
    """Of the attempt, from 1."""
    at_us: int
    """When the request arrived."""
    key_id: str
    key_name: str
    tenant: str
    face: str
    requested: str
    model: str
    provider: str
    sent_model: str
    """The model's name as the provider knows it."""
    stream: bool
    usage: Usage | None = None
    """The most that it may be billed for, by our estimate; None if that is not known."""
    cost: PicoUsd | None = None
    """What that costs."""
    status: int = 0
    error: str = ""
    """How the attempt failed, where another one followed it; "" while it is under way."""


def settle(calls: Iterable[OpenCall]) -> list[Entry]:
    """One entry for each request of these calls: broken, and spent as far as it was estimated.

    Status, time to first byte and latency are not known any more: 0, None and 0. Of two that are the same
    attempt (the process died while one took the other's place) the one counts that knows how it ended.
    """
    requests: dict[str, dict[int, OpenCall]] = {}
    for call in calls:
        attempts = requests.setdefault(call.request_id, {})
        if call.error or call.number not in attempts:
            attempts[call.number] = call
    return [_entry([group[number] for number in sorted(group)]) for group in requests.values()]


def _entry(calls: list[OpenCall]) -> Entry:
    last = calls[-1]
    usages = [call.usage for call in calls if call.usage is not None]
    costs = [call.cost for call in calls if call.cost is not None]
    return Entry(
        request_id=last.request_id,
        at_us=last.at_us,
        key_id=last.key_id,
        key_name=last.key_name,
        tenant=last.tenant,
        face=last.face,
        requested=last.requested,
        model=last.model,
        provider=last.provider,
        stream=last.stream,
        status=0,
        outcome="broken",
        error=PROCESS_DIED,
        usage=reduce(Usage.__add__, usages) if usages else None,
        estimated=True,
        cost=sum(costs) if len(costs) == len(calls) else None,
        ttft_us=None,
        latency_us=0,
        attempts=tuple(map(_attempt, calls)),
    )


def _attempt(call: OpenCall) -> Attempt:
    return Attempt(
        number=call.number,
        provider=call.provider,
        model=call.sent_model,
        status=call.status,
        outcome="error" if call.error else "broken",
        usage=call.usage,
        estimated=not call.error or call.usage is None or call.usage.total > 0,
        cost=call.cost,
        latency_us=0,
        error=call.error or PROCESS_DIED,
    )
