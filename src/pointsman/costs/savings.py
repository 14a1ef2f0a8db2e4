"""What one routed request cost, against what a baseline model would have cost for it.

**Cost** is that of all its attempts: also of answers that were not believed, and of repeats.

**The baseline's cost** is, in this order:

1. where only the baseline was asked, what was paid: nothing is saved and nothing lost;
2. where it answered after others (an escalation), what its own attempts cost;
3. where it answered the same request unseen (a shadow), what that cost;
4. else the tokens of the model that answered, at the baseline's prices of that moment and in the same
   service tier; corrected by the measured ratio of tokens, where there is one.

The prompt cache, in case 4: tokens that were read from a cache or written to one count as read and written by
the baseline too. A *cold* cache would not be cautious: it makes the baseline dear, and the saving large. Had
everything gone to the baseline, its cache would have been as warm or warmer, since all requests would have
kept it so. So the lower bound takes everything that was written as read.

What cannot be compared is told with its reason, and is never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, get_args

import msgspec

from pointsman.catalog import Model, prompt_limit
from pointsman.chat import Usage

from .money import PicoUsd
from .pricer import Pricer, UnpricedUsage
from .ratio import TokenRatio, scaled

Reason = Literal[
    "no answer",
    "broken answer",
    "answered without a call",
    "usage unknown",
    "cost unknown",
    "baseline failed",
    "baseline unknown",
    "baseline has no price",
    "too long for the baseline",
]
REASONS: tuple[Reason, ...] = get_args(Reason)

How = Literal["only the baseline", "escalated", "shadowed", "corrected", "as it is"]
"""Where the baseline's cost comes from. corrected: by a ratio of tokens. as it is: without one."""

Identify = Callable[[str, str], str]
"""Provider, and the name that a model was asked for there → its id, as entries have it."""

_ANSWERED = ("ok", "cut")


class AttemptOf(Protocol):
    """What is read of an attempt in the ledger."""

    @property
    def provider(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def usage(self) -> Usage | None: ...
    @property
    def cost(self) -> PicoUsd | None: ...


class RequestOf(Protocol):
    """What is read of a request in the ledger."""

    @property
    def at_us(self) -> int: ...
    @property
    def model(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def estimated(self) -> bool: ...
    @property
    def cost(self) -> PicoUsd | None: ...
    @property
    def attempts(self) -> Sequence[AttemptOf]: ...


class Baseline:
    """The model that routing is held against.

    Args:
        name: as the settings or the caller spell it.
        ids: of the models that count as it, as entries have them: several where it is a route.
        model: whose prices count; None where the catalog does not know it.
    """

    __slots__ = ("ids", "longest_prompt", "name", "pricer")

    def __init__(self, name: str, ids: frozenset[str], model: Model | None) -> None:
        self.name = name
        self.ids = ids
        self.pricer = None if model is None else Pricer(model)
        self.longest_prompt = None if model is None else prompt_limit(model)


class Weighed(msgspec.Struct, frozen=True, gc=False):
    """One request that could be compared."""

    answered: PicoUsd
    """Cost of the attempt whose answer went out."""
    others: PicoUsd
    """Cost of its other attempts."""
    baseline: PicoUsd
    """What the baseline would have cost."""
    low: PicoUsd
    high: PicoUsd
    how: How
    estimated: bool
    """The usage is in part an estimate."""


def weigh(
    request: RequestOf,
    baseline: Baseline,
    identify: Identify,
    ratio: TokenRatio | None = None,
    shadow: PicoUsd | None = None,
) -> Weighed | Reason:
    """One request against the baseline.

    Args:
        ratio: tokens of the baseline for each token of the model that answered.
        shadow: what the baseline's answer to the same request cost, which no client saw.
    """
    if request.outcome not in _ANSWERED:
        return "no answer" if request.outcome == "error" else "broken answer"
    attempts = request.attempts
    if not attempts:
        return "answered without a call"
    if request.cost is None:
        return "cost unknown"
    own: Sequence[AttemptOf]
    answer: AttemptOf | None
    if len(attempts) == 1:  # nearly always, and on the path of requests
        answer = attempts[0]
        own = attempts if identify(answer.provider, answer.model) in baseline.ids else ()
        if answer.outcome not in _ANSWERED:
            answer = None
    else:
        asked = [identify(attempt.provider, attempt.model) for attempt in attempts]
        own = [attempt for attempt, model in zip(attempts, asked, strict=True) if model in baseline.ids]
        answer = _answering(attempts, asked, request.model)
    paid = 0 if answer is None else answer.cost or 0
    others = request.cost - paid
    if len(own) == len(attempts):
        cost = request.cost
        return Weighed(paid, others, cost, cost, cost, "only the baseline", request.estimated)
    if own:
        if not any(attempt.outcome in _ANSWERED for attempt in own):
            return "baseline failed"
        cost = sum(attempt.cost or 0 for attempt in own)
        return Weighed(paid, others, cost, cost, cost, "escalated", request.estimated)
    if shadow is not None:
        return Weighed(paid, others, shadow, shadow, shadow, "shadowed", request.estimated)
    if answer is None or answer.usage is None:
        return "usage unknown"
    priced = _priced(answer.usage, baseline, request.at_us, ratio)
    if isinstance(priced, str):
        return priced
    return Weighed(paid, others, *priced, "as it is" if ratio is None else "corrected", request.estimated)


def _answering(attempts: Sequence[AttemptOf], asked: Sequence[str], model: str) -> AttemptOf | None:
    """The last attempt of the model that answered that came to an answer; else the last that did."""
    found = [
        (attempt, name) for attempt, name in zip(attempts, asked, strict=True) if attempt.outcome in _ANSWERED
    ]
    named = [attempt for attempt, name in found if name == model]
    return named[-1] if named else found[-1][0] if found else None


def _priced(
    usage: Usage, baseline: Baseline, at_us: int, ratio: TokenRatio | None
) -> tuple[PicoUsd, PicoUsd, PicoUsd] | Reason:
    """The baseline's cost for these tokens: the value, its lower and its upper bound."""
    pricer = baseline.pricer
    if pricer is None:
        return "baseline has no price"
    middle = usage if ratio is None else scaled(usage, ratio.input.value, ratio.output.value)
    if baseline.longest_prompt is not None and middle.prompt > baseline.longest_prompt:
        return "too long for the baseline"
    try:
        value = _price(pricer, middle, at_us)
        if ratio is None:
            low = value if not usage.cache_write else _price(pricer, _warm(usage), at_us)
            return value, min(low, value), value
        low = _price(pricer, _warm(scaled(usage, ratio.input.low, ratio.output.low)), at_us)
        high = _price(pricer, scaled(usage, ratio.input.high, ratio.output.high), at_us)
        return value, min(low, value), max(high, value)
    except UnpricedUsage:
        return "baseline has no price"


def _price(pricer: Pricer, usage: Usage, at_us: int) -> PicoUsd:
    """Where the baseline has no price for cache writes, it would have written nothing."""
    try:
        return pricer.price(usage, at_us)
    except UnpricedUsage:
        if not usage.cache_write:
            raise
        return pricer.price(_unwritten(usage, usage.input + usage.cache_write, usage.cache_read), at_us)


def _warm(usage: Usage) -> Usage:
    """With all that was written to the cache read from it."""
    if not usage.cache_write:
        return usage
    return _unwritten(usage, usage.input, usage.cache_read + usage.cache_write)


def _unwritten(usage: Usage, tokens_in: int, cached: int) -> Usage:
    return Usage(
        input=tokens_in, output=usage.output, cache_read=cached, reasoning=usage.reasoning, tier=usage.tier
    )
