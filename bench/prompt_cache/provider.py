"""Anthropic's side, as the simulator bills it, without a network: a request in, usage and dollars out."""

from __future__ import annotations

from decimal import Decimal

from bench.prompt_cache.traces import Sent
from pointsman import chat
from pointsman.catalog import Model, load_catalog
from pointsman.chat import Usage
from pointsman.dialects.anthropic_messages.dialect import ANTHROPIC_MESSAGES
from pointsman.simulator.billing import price
from pointsman.simulator.prompt_cache import PromptCache, marked_prefixes
from pointsman.tokens import request_tokens

TTFT = 1.0
"""Seconds until an answer begins, and what its request wrote is found by others."""
_PACE = 60.0
"""Tokens a second after that."""
START_US = 1_795_433_000_000_000
"""23 November 2026."""


def model_of(name: str) -> Model:
    found = load_catalog().resolve(name)
    if found is None:
        raise SystemExit(f"{name} is not in the catalog.")
    return found


def duration(sent: Sent) -> float:
    """Seconds from a request to the end of its answer."""
    return TTFT + sent.output / _PACE


class Provider:
    """One account at one model, with an empty cache."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.usd = Decimal(0)
        self.calls: list[Usage] = []
        self._cache = PromptCache()

    def take(self, sent: Sent) -> Usage:
        return self.bill(sent, ANTHROPIC_MESSAGES.decode_request(sent.body))

    def bill(self, sent: Sent, request: chat.Request, counts: Counts | None = None) -> Usage:
        """``request``: what is in the body."""
        count = request_tokens if counts is None else counts.of
        prefixes = marked_prefixes(request, self.model.prompt_cache_min_tokens or 1024, count)
        at_us = START_US + round(sent.at * 1e6)
        buckets = self._cache.use(
            "anthropic", self.model.id, prefixes, count(request), at_us, at_us + round(TTFT * 1e6)
        )
        usage = buckets.usage(sent.output, 0, "")
        usd = price(self.model, usage, at_us)
        assert usd is not None, "a model of the bench has prices"
        self.usd += usd
        self.calls.append(usage)
        return usage


class Counts:
    """Tokens of the requests of one conversation, each beginning counted once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int, int], int] = {}

    def of(self, request: chat.Request) -> int:
        last = len(request.messages[-1].parts) if request.messages else 0
        key = (len(request.tools), len(request.system), len(request.messages), last)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = request_tokens(request)
        return known
