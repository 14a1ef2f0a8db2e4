"""The prompt caches of OpenAI on the way of a call. They keep unasked, on the machine that a request happens
to reach: what belongs together is kept together by a key, and what comes once is kept out where it is billed.
"""

from __future__ import annotations

from pointsman.costs import Pricer, UnpricedUsage
from pointsman.dialects.openai_chat.cache_key import FIELD, cache_key, with_cache_key
from pointsman.dialects.splice import read_fields
from pointsman.gateway.call.account import AttemptRecord, Watch
from pointsman.gateway.call.call import Call
from pointsman.promptcache import billed
from pointsman.promptcache.billed import Once, Rates
from pointsman.promptcache.memory import Memory

from .common import earned_by, fields_of, is_declined, partition_of
from .metrics import PromptCacheMetrics

OPENAI = "openai"
_LEAST = 4096
"""Bytes; it keeps from 1,024 tokens on."""


class OpenAiCaching:
    """For all requests of a gateway."""

    def __init__(self, metrics: PromptCacheMetrics, memory: Memory) -> None:
        self._metrics = metrics
        self._memory = memory

    def prepare(self, call: Call, record: AttemptRecord, pricer: Pricer) -> None:
        """Tell in what ``record`` sends what belongs together, and what is not to be kept."""
        if len(record.sent_body) < _LEAST or record.route.provider.name != OPENAI or is_declined(call):
            return
        fields = fields_of(call, record)
        if fields is None:
            return
        key = None if FIELD in fields else cache_key(fields, partition_of(call))
        rates = _billed(pricer, call.arrival.at_us, len(record.sent_body) // 4)
        if rates is not None and call.attempts[0] is record:
            once = billed.place(
                self._memory,
                fields,
                rates,
                record.started,
                deployment=record.route.deployment,
                partition=partition_of(call),
            )
            if isinstance(once, Once):
                record.sent_body, record.breakpoints = once.apply(record.sent_body, fields)
                record.prompt_cache = b"system=30m" if record.breakpoints else b"none: once"
                record.watch = _OnceWatch(self._metrics, once, pricer, call.arrival.at_us, record.watch)
                self._metrics.once += 1
                fields = None
        if key is not None:
            now = read_fields(record.sent_body) if fields is None else fields
            record.sent_body = with_cache_key(record.sent_body, now, key)
            record.prompt_cache = record.prompt_cache or b"key"
            self._metrics.keys += 1


class _OnceWatch:
    """Learns what came of a call of which only its instructions are kept."""

    __slots__ = ("_at_us", "_holding", "_metrics", "_once", "_pricer")

    def __init__(
        self, metrics: PromptCacheMetrics, once: Once, pricer: Pricer, at_us: int, holding: Watch | None
    ) -> None:
        self._holding = holding
        self._metrics = metrics
        self._once = once
        self._pricer = pricer
        self._at_us = at_us

    def settled(self, record: AttemptRecord) -> None:
        usage = None if record.estimated else record.usage
        if self._holding is not None:
            self._holding.settled(record)
        self._once.settle(usage)
        amount = earned_by(usage, self._pricer, self._at_us)
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
