"""The prompt-cache autopilot on the way of a call: breakpoints go in when an attempt is opened, and what came
of them is learned when it is settled.

Hands off where the caller has placed its own, said ``x-pointsman-prompt-cache: off``, or the model's cache is
not one that is written to on request at known prices. Shadows write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.costs import PicoUsd, Pricer, UnpricedUsage
from pointsman.gateway.call.account import AttemptRecord, Watch
from pointsman.gateway.call.call import Call
from pointsman.promptcache import Autopilot, Placement, Prices, Sight, Terms, settle
from pointsman.promptcache.apply import apply, read_prompt
from pointsman.promptcache.habits import HabitStore

from .common import ASKED_LIFE, UNASKED_LIFE, earned_by, fields_of, holding, is_declined, partition_of
from .holders import Holders
from .keeping import HabitKeeping
from .metrics import PromptCacheMetrics
from .openai_caching import OPENAI, OpenAiCaching
from .rules import Rules

REASONS = ("own", "off", "short", "not_worth", "unproven", "risk", "no_place", "unpriced", "unreadable")
"""Why a call to Claude is left as it is."""
_LEAST_BYTES = 2
"""A prompt with fewer bytes for each token that a model keeps at least is too short for certain."""


class PromptCaching:
    """For all requests of a gateway.

    Args:
        max_loss: 10⁻¹² USD, for each tenant at each deployment.
        rules: for whom it is on; for all unless given.
        habits: keeps over restarts what was counted; None for none.
    """

    def __init__(
        self, max_loss: PicoUsd, rules: Rules | None = None, habits: HabitStore | None = None
    ) -> None:
        self.metrics = PromptCacheMetrics()
        self._rules = rules or Rules()
        self._autopilot = Autopilot(max_loss)
        self.keeping = HabitKeeping(self._autopilot.memory, habits)
        self._holders = Holders()
        self._openai = OpenAiCaching(self.metrics, self._autopilot.memory)

    def holder(self, call: Call) -> str:
        """The deployment that has the beginning of this conversation in its cache; "" where none has."""
        return self._holders.find(call, call.arrival.started) if self._rules.on(call) else ""

    def prepare(self, call: Call, record: AttemptRecord) -> None:
        """Put breakpoints, or a key, into what ``record`` sends, where that pays."""
        if call.arrival.errand is not None or not self._rules.on(call):
            return
        route = record.route
        model, pricer, dialect = route.model, route.pricer, route.dialect.name
        life = ASKED_LIFE if dialect == "anthropic_messages" else UNASKED_LIFE
        record.watch = holding(self._holders, call, life)
        if model is None or pricer is None:
            return
        least = model.prompt_cache_min_tokens
        if dialect == "openai_chat" and OPENAI in (route.provider.name, model.provider):
            self._openai.prepare(call, record, pricer)
            return
        if dialect != "anthropic_messages" or least is None:
            return
        if len(record.sent_body) < least * _LEAST_BYTES:
            why = "short"
        elif is_declined(call):
            why = "off"
        else:
            why = self._place(call, record, least, pricer)
        if why:
            self.metrics.declined[why] += 1
            record.prompt_cache = b"none: " + why.encode()

    def _place(self, call: Call, record: AttemptRecord, least: int, pricer: Pricer) -> str:
        """Why nothing was placed; "" where something was."""
        fields = fields_of(call, record)
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
        record.watch = _Watch(self.metrics, record.watch, sight, placement, pricer, at_us)
        if isinstance(placement, str):
            return placement
        record.sent_body, record.breakpoints = apply(placement, record.sent_body, fields)
        if not record.breakpoints:
            return "no_place"
        record.prompt_cache = placement.describe().encode()
        self.metrics.placed(placement)
        return ""

    def _sight(self, call: Call, record: AttemptRecord, fields: Mapping[str, msgspec.Raw]) -> Sight | str:
        """An earlier attempt of the same request at the same deployment was no use of its own; and of several
        that are under way side by side, as a cascade makes them, one has to write."""
        prompt = read_prompt(fields, record.route.deployment, partition_of(call))
        if prompt is None:
            return "own"
        for earlier in call.attempts:
            if not isinstance(earlier.watch, _Watch) or earlier.route is not record.route:
                continue
            if bytes(earlier.watch.sight.prompt.messages) == bytes(prompt.messages):
                return earlier.watch.sight if earlier.outcome else "not_worth"
        return self._autopilot.look(prompt, record.started)


class _Watch:
    """Learns what came of one call."""

    __slots__ = ("_at_us", "_holding", "_metrics", "_placement", "_pricer", "sight")

    def __init__(
        self,
        metrics: PromptCacheMetrics,
        holding: Watch | None,
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
        if self._holding is not None:
            self._holding.settled(record)
        usage = record.usage
        known = usage is not None and (not record.estimated or bool(usage.cache_read or usage.cache_write))
        counted = usage if known and usage is not None and usage.prompt else None
        placement = self._placement
        if isinstance(placement, str):
            self.sight.learn(counted)
            return
        amount = earned_by(counted, self._pricer, self._at_us)
        if counted is None and usage is not None and not usage.prompt:
            amount = 0  # nothing was billed
        settle(placement, counted, amount)
        if counted is not None and amount is not None:
            self._metrics.settled(counted, amount)


def terms_of(pricer: Pricer, at_us: int, prompt: int, least: int) -> Terms | None:
    """None where not all of its prices are known."""
    try:
        fresh, _, read, five, _, hour, _ = pricer.rates(at_us, prompt)
    except UnpricedUsage:
        return None
    if fresh is None or read is None or five is None or hour is None:
        return None
    return Terms(Prices(fresh, read, five, hour), least)
