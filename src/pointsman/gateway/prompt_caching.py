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
from pointsman.dialects.openai_chat.cache_key import FIELD, cache_key, with_cache_key
from pointsman.dialects.splice import read_fields
from pointsman.errors import InvalidRequest
from pointsman.promptcache import Autopilot, Placement, Prices, Sight, Terms, billed, settle
from pointsman.promptcache.apply import apply, read_prompt
from pointsman.promptcache.billed import Once, Rates

from .account import AttemptRecord
from .call import Call
from .holders import Holders
from .prompt_cache_metrics import PromptCacheMetrics

HEADER = b"x-pointsman-prompt-cache"
REASONS = ("own", "off", "short", "not_worth", "risk", "unpriced", "unreadable")
"""Why a call to Claude is left as it is."""
_LEAST_BYTES = 2
"""A prompt with fewer bytes for each token that a model keeps at least is too short for certain."""
_OPENAI = "openai"
_OPENAI_LEAST = 4096
"""Bytes; it keeps from 1,024 tokens on."""
_OPENAI_LIFE = 600.0
"""Seconds for which it usually keeps them."""


class PromptCaching:
    """For all requests of a gateway.

    Args:
        max_loss: 10⁻¹² USD, for each tenant at each deployment.
    """

    def __init__(self, max_loss: PicoUsd) -> None:
        self.metrics = PromptCacheMetrics()
        self._autopilot = Autopilot(max_loss)
        self._holders = Holders()

    def holder(self, call: Call) -> str:
        """The deployment that has the beginning of this conversation in its cache; "" where none has."""
        return self._holders.find(call, call.arrival.started)

    def prepare(self, call: Call, record: AttemptRecord) -> None:
        """Put breakpoints, or a key, into what ``record`` sends, where that pays."""
        route, arrival = record.route, call.arrival
        model, pricer = route.model, route.pricer
        if model is None or pricer is None or arrival.errand is not None:
            return
        dialect, least = route.dialect.name, model.prompt_cache_min_tokens
        if dialect == "openai_chat" and _OPENAI in (route.provider.name, model.provider):
            if len(record.sent_body) >= _OPENAI_LEAST:
                self._tell_openai(call, record, pricer)
            return
        if dialect != "anthropic_messages" or least is None:
            return
        if len(record.sent_body) < least * _LEAST_BYTES:
            why = "short"
        elif arrival.headers.get(HEADER) == b"off":
            why = "off"
        else:
            why = self._place(call, record, least, pricer)
        if why:
            self.metrics.declined[why] += 1
            record.prompt_cache = b"none: " + why.encode()

    def _tell_openai(self, call: Call, record: AttemptRecord, pricer: Pricer) -> None:
        """It caches unasked, on the machine that a request happens to reach: keep together what belongs
        together, and what comes once out of it where it is billed."""
        holding = _Holding(self._holders, call)
        record.watch = holding
        if record.route.provider.name != _OPENAI or call.arrival.headers.get(HEADER) == b"off":
            return
        fields = _fields(call, record)
        if fields is None:
            return
        key = None if FIELD in fields else cache_key(fields, _partition(call))
        rates = _billed(pricer, call.arrival.at_us, len(record.sent_body) // 4)
        if rates is not None and call.attempts[0] is record:
            once = billed.place(
                self._autopilot.memory,
                fields,
                rates,
                record.started,
                deployment=record.route.deployment,
                partition=_partition(call),
            )
            if isinstance(once, Once):
                record.sent_body, record.breakpoints = once.apply(record.sent_body, fields)
                record.prompt_cache = b"system=30m" if record.breakpoints else b"none: once"
                record.watch = _OnceWatch(self.metrics, once, pricer, call.arrival.at_us)
                self.metrics.once += 1
                fields = None
        if key is not None:
            record.sent_body = with_cache_key(record.sent_body, fields or read_fields(record.sent_body), key)
            record.prompt_cache = record.prompt_cache or b"key"
            self.metrics.keys += 1

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
        holding = _Holding(self._holders, call)
        record.watch = _Watch(self.metrics, holding, sight, placement, pricer, at_us)
        if isinstance(placement, str):
            return placement
        record.sent_body, record.breakpoints = apply(placement, record.sent_body, fields)
        record.prompt_cache = placement.describe().encode()
        self.metrics.placed(placement)
        return ""

    def _sight(self, call: Call, record: AttemptRecord, fields: Mapping[str, msgspec.Raw]) -> Sight | str:
        """An earlier attempt of the same request at the same deployment was no use of its own."""
        for earlier in call.attempts:
            if isinstance(earlier.watch, _Watch) and earlier.route is record.route:
                return earlier.watch.sight
        prompt = read_prompt(fields, record.route.deployment, _partition(call))
        return "own" if prompt is None else self._autopilot.look(prompt, record.started)


def _partition(call: Call) -> str:
    """Whose prompts these are."""
    key = call.arrival.key
    return key.tenant or key.id


class _Holding:
    """Remembers where a conversation was kept, of those that have a choice."""

    __slots__ = ("_call", "_holders")

    def __init__(self, holders: Holders, call: Call) -> None:
        self._holders = holders
        self._call = call

    def settled(self, record: AttemptRecord) -> None:
        """At a provider that caches unasked."""
        if record.outcome == "ok":
            self.keep(record, record.started + _OPENAI_LIFE)

    def keep(self, record: AttemptRecord, until: float) -> None:
        plan = self._call.plan
        if plan is not None and plan.stages:
            self._holders.keep(self._call, record.route.deployment, until)


class _Watch:
    """Learns what came of one call."""

    __slots__ = ("_at_us", "_holding", "_metrics", "_placement", "_pricer", "sight")

    def __init__(
        self,
        metrics: PromptCacheMetrics,
        holding: _Holding,
        sight: Sight,
        placement: Placement | str,
        pricer: Pricer,
        at_us: int,
    ) -> None:
        self.sight = sight
        self._metrics = metrics
        self._holding = holding
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
        if (until := placement.until) is not None:
            self._holding.keep(record, until)
        if counted is not None and amount is not None:
            self._metrics.settled(counted, amount)


class _OnceWatch:
    """Learns what came of a call of which only its instructions are kept."""

    __slots__ = ("_at_us", "_metrics", "_once", "_pricer")

    def __init__(self, metrics: PromptCacheMetrics, once: Once, pricer: Pricer, at_us: int) -> None:
        self._metrics = metrics
        self._once = once
        self._pricer = pricer
        self._at_us = at_us

    def settled(self, record: AttemptRecord) -> None:
        usage = None if record.estimated else record.usage
        self._once.settle(usage)
        amount = _earned(usage, self._pricer, self._at_us)
        if usage is not None and amount is not None:
            self._metrics.settled(usage, amount)


def _billed(pricer: Pricer, at_us: int, prompt: int) -> Rates | None:
    """Of a model that bills what it keeps; None for all others."""
    try:
        fresh, _, read, _, write, _, _ = pricer.rates(at_us, prompt)
    except UnpricedUsage:
        return None
    if fresh is None or read is None or write is None or write <= fresh:
        return None
    return Rates(fresh, read, write)


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
