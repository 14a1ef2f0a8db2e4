"""What requests take from limits: calls and records in the terms of ``limits/request/demand.py``. Pure."""

from __future__ import annotations

from functools import partial

from pointsman.chat import Usage
from pointsman.dialects.base import Dialect
from pointsman.errors import PointsmanError, RequestError, UpstreamRateLimited
from pointsman.gateway.call.account import AttemptRecord, may_be_billed
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.passage import Need, Passage
from pointsman.limits import (
    NOTHING,
    Amounts,
    CountingRule,
    Demand,
    Failure,
    Limit,
    counting_rule,
    used,
    used_after,
)
from pointsman.providers import Provider
from pointsman.tokens import bytes_tokens, request_tokens

_IMAGE, _INPUT_IMAGE, _FILE, _DOCUMENT = b'"image', b'"input_image', b'"file"', b'"document"'
"""No image or document can stand in a body without one of these."""
EAGER = 256
SAMPLE = 8
"""After so many calls one of so many is learned from: it is work, and the others would say the same. Where
nothing is limited that is so from the first one on."""


class Demands:
    """Estimates before, and counts after."""

    def __init__(self, demand: Demand | None = None) -> None:
        self._demand = demand or Demand()
        self._seen = 0

    def estimate(self, call: Call, deployment: str, limits: tuple[Limit, ...]) -> tuple[Amounts, Need]:
        """What to reserve for ``call`` at its route, as it is encoded for it."""
        route, plan, peek = call.route, call.plan, call.peek
        assert route is not None and plan is not None and peek is not None, "planned before it is let in"
        body = call.encode().body
        most = peek.max_output
        if most is None and plan.defaults:
            most = plan.defaults.get("max_output")
        size = len(body)
        if not limits:
            prompt = bytes_tokens(size)
            return (1, prompt, 0, prompt, prompt, prompt, 1), Need(size, most, False)
        media = _IMAGE in body or _INPUT_IMAGE in body or _FILE in body or _DOCUMENT in body
        amounts = self._demand.estimate(
            deployment,
            call.arrival.key.id,
            size,
            most,
            _rule(route.provider),
            limits,
            partial(_count, route.dialect, body),
            media=media,
        )
        return amounts, Need(size, most, media)

    def used(self, record: AttemptRecord, passage: Passage, error: PointsmanError | None) -> Amounts:
        """What an attempt took that is over."""
        usage, most, rule = record.usage, passage.need.most, _rule(record.route.provider)
        if error is not None and record.outcome == "error":
            return used_after(_failure(record, error), passage.amounts, most, rule)
        if usage is None:
            return used_after("failed", passage.amounts, most, rule)
        return used(usage, most, rule)

    def learn(self, record: AttemptRecord, passage: Passage, key: str) -> None:
        """An attempt is over that may have told its usage."""
        usage = record.usage
        if usage is None or record.estimated:
            return
        self._seen = seen = self._seen + 1
        if seen % SAMPLE == 0 or (seen < EAGER and passage.way.limits):
            need = passage.need
            self._demand.learn(
                passage.way.deployment, key, need.size, usage, media=need.media, whole=record.outcome == "ok"
            )

    def used_of_key(self, held: Amounts, usage: Usage | None, attempts: int) -> Amounts:
        """What a whole request took from the limits of its key."""
        if not attempts:
            return NOTHING
        if usage is None:
            return (*held[:6], 0)
        prompt, output = usage.prompt, usage.output
        return (1, prompt, output, prompt + output, prompt, prompt + output, 0)


def _rule(provider: Provider) -> CountingRule:
    return counting_rule(provider.name, provider.dialect)


def _count(dialect: Dialect, body: bytes) -> int:
    """An estimate from the parts of the prompt; where the hub cannot read it, one token for two bytes."""
    try:
        return request_tokens(dialect.decode_request(body))
    except RequestError:
        return (len(body) + 1) // 2


def _failure(record: AttemptRecord, error: PointsmanError) -> Failure:
    if isinstance(error, UpstreamRateLimited):
        return "limited"
    if 400 <= record.status < 500:
        return "refused"
    if not record.status and not may_be_billed(error, 0):
        return "unsent"
    return "failed"
