"""What is common to all that is done for the prompt caches of providers. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd, Pricer, UnpricedUsage
from pointsman.costs.prompt_cache import earned
from pointsman.dialects.splice import read_fields
from pointsman.errors import InvalidRequest
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call

from .holders import Holders

HEADER = b"x-pointsman-prompt-cache"


def is_declined(call: Call) -> bool:
    """The caller wants its request to be left as it is."""
    return call.arrival.headers.get(HEADER) == b"off"


def partition_of(call: Call) -> str:
    """Whose prompts these are."""
    key = call.arrival.key
    return key.tenant or key.id


def earned_by(usage: Usage | None, pricer: Pricer, at_us: int) -> PicoUsd | None:
    try:
        return None if usage is None else earned(usage, pricer, at_us)
    except UnpricedUsage:
        return None


def fields_of(call: Call, record: AttemptRecord) -> Mapping[str, msgspec.Raw] | None:
    """Of what is sent: known already where it is what came in, or that under another model's name alone."""
    peek, came, sent = call.peek, call.arrival.body, record.sent_body
    if peek is not None and not record.crosses:
        if sent is came:
            return peek.fields
        name = msgspec.Raw(msgspec.json.encode(record.route.upstream_model))
        before = peek.fields.get("model")
        if before is not None and len(sent) - len(name) == len(came) - len(before):
            return {**peek.fields, "model": name}
    try:
        return read_fields(sent)
    except InvalidRequest:
        return None


UNASKED_LIFE = 600.0
"""Seconds for which providers usually keep what they keep unasked."""
ASKED_LIFE = 3600.0
"""Seconds for which a provider may keep what it was asked to keep."""


class Holding:
    """Remembers who answered a conversation, of those that have a choice: the one that has it in its cache,
    if any has, and the one of which it is known how long its pauses are.

    Args:
        life: seconds.
    """

    __slots__ = ("_call", "_holders", "_life")

    def __init__(self, holders: Holders, call: Call, life: float) -> None:
        self._holders = holders
        self._call = call
        self._life = life

    def settled(self, record: AttemptRecord) -> None:
        """One whose answer had begun has read the prompt, even if nobody waited for the end."""
        if record.outcome == "ok" or (record.outcome != "error" and record.first_at is not None):
            self._holders.keep(self._call, record.route.deployment, record.started + self._life)


def holding(holders: Holders, call: Call, life: float) -> Holding | None:
    """None where there is no choice."""
    return Holding(holders, call, life) if call.plan is not None and call.plan.stages else None
