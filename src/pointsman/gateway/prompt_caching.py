"""The prompt-cache autopilot on the way of a call: breakpoints go in when an attempt is opened, and what came
of them is learned when it is settled.

Hands off where the caller has placed its own, said ``x-pointsman-prompt-cache: off``, or the model's cache is
not one that is written to on request at known prices. Shadows write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd, Pricer, UnpricedUsage
from pointsman.costs.prompt_cache import earned
from pointsman.dialects.splice import read_fields
from pointsman.errors import InvalidRequest
from pointsman.promptcache import Autopilot, Placement, Prices, Sight, Terms, settle
from pointsman.promptcache.apply import apply, read_prompt

from .account import AttemptRecord
from .call import Call
from .prompt_cache_metrics import PromptCacheMetrics

HEADER = b"x-pointsman-prompt-cache"
_LEAST_BYTES = 2
"""A prompt with fewer bytes for each token that a model keeps at least is too short for certain."""


class PromptCaching:
    """For all requests of a gateway.

    Args:
        max_loss: 10⁻¹² USD, for each tenant at each deployment.
    """

    def __init__(self, max_loss: PicoUsd) -> None:
        self.metrics = PromptCacheMetrics()
        self._autopilot = Autopilot(max_loss)

    def prepare(self, call: Call, record: AttemptRecord) -> None:
        """Put breakpoints into what ``record`` sends, where that pays."""
        model, pricer = record.route.model, record.route.pricer
        if model is None or pricer is None or record.route.dialect.name != "anthropic_messages":
            return
        least, arrival = model.prompt_cache_min_tokens, call.arrival
        if least is None or arrival.errand is not None:
            return
        if len(record.sent_body) < least * _LEAST_BYTES:
            why = "short"
        elif arrival.headers.get(HEADER) == b"off":
            why = "off"
        else:
            why = self._place(call, record, least, pricer)
        if why:
            self.metrics.declined[why] += 1

    def _place(self, call: Call, record: AttemptRecord, least: int, pricer: Pricer) -> str:
        """Why nothing was placed; "" where something was."""
        fields = _fields(call, record)
        if fields is None:
            return "unreadable"
        sight = self._sight(call, record, fields)
        if isinstance(sight, str):
            return sight
        at_us = call.arrival.at_us
        terms = terms_of(pricer, at_us, sight.tokens, least)
        if terms is None:
            return "unpriced"
        placement = self._autopilot.place(sight, terms, record.started)
        record.watch = _Watch(self.metrics, sight, placement, pricer, at_us)
        if isinstance(placement, str):
            return placement
        record.sent_body, record.breakpoints = apply(placement, record.sent_body, fields)
        self.metrics.placed(placement)
        return ""

    def _sight(self, call: Call, record: AttemptRecord, fields: Mapping[str, msgspec.Raw]) -> Sight | str:
        """An earlier attempt of the same request at the same deployment was no use of its own."""
        for earlier in call.attempts:
            if isinstance(earlier.watch, _Watch) and earlier.route is record.route:
                return earlier.watch.sight
        key = call.arrival.key
        prompt = read_prompt(fields, record.route.deployment, key.tenant or key.id)
        return "own" if prompt is None else self._autopilot.look(prompt, record.started)


class _Watch:
    """Learns what came of one call."""

    __slots__ = ("_at_us", "_metrics", "_placement", "_pricer", "sight")

    def __init__(
        self,
        metrics: PromptCacheMetrics,
        sight: Sight,
        placement: Placement | str,
        pricer: Pricer,
        at_us: int,
    ) -> None:
        self.sight = sight
        self._metrics = metrics
        self._placement = placement
        self._pricer = pricer
        self._at_us = at_us

    def settled(self, record: AttemptRecord) -> None:
        usage = record.usage
        known = usage is not None and (not record.estimated or bool(usage.cache_read or usage.cache_write))
        counted = usage if known and usage is not None and usage.prompt else None
        placement = self._placement
        if isinstance(placement, str):
            self.sight.learn(counted)
            return
        amount = _earned(counted, self._pricer, self._at_us)
        if counted is None and usage is not None and not usage.prompt:
            amount = 0  # nothing was billed
        settle(placement, counted, amount)
        if counted is not None and amount is not None:
            self._metrics.settled(counted, amount)


def _earned(usage: Usage | None, pricer: Pricer, at_us: int) -> PicoUsd | None:
    try:
        return None if usage is None else earned(usage, pricer, at_us)
    except UnpricedUsage:
        return None


def _fields(call: Call, record: AttemptRecord) -> Mapping[str, msgspec.Raw] | None:
    """Of what is sent: known already where it is what came in, or that under another model's name."""
    peek, plan = call.peek, call.plan
    if peek is not None and not record.crosses:
        if record.sent_body is call.arrival.body:
            return peek.fields
        if plan is not None and not plan.defaults:
            return {**peek.fields, "model": msgspec.Raw(msgspec.json.encode(record.route.upstream_model))}
    try:
        return read_fields(record.sent_body)
    except InvalidRequest:
        return None


def terms_of(pricer: Pricer, at_us: int, prompt: int, least: int) -> Terms | None:
    """None where not all of its prices are known."""
    try:
        fresh, _, read, five, _, hour, _ = pricer.rates(at_us, prompt)
    except UnpricedUsage:
        return None
    if fresh is None or read is None or five is None or hour is None:
        return None
    return Terms(Prices(fresh, read, five, hour), least)
