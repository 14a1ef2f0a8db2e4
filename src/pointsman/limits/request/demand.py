"""What a request takes from its limits: guessed before it is sent, and known after.

Keys and models are counted by what really happened: a request, its prompt, its answer. Providers count
otherwise, each in its own way, and their limits have places of their own in ``Amounts``, filled by a
``CountingRule``. A guess errs on the high side, since what was too much is given back with the answer, and
what was too little may be refused upstream.

What a call that failed has taken (``used_after``):

========= ============================================ =========================================
failure   as with                                      takes
========= ============================================ =========================================
unsent    no connection, turned back in the queue      nothing
limited   429                                          the request
refused   other 4xx: found wrong before it was read    the request
failed    5xx, 529, timeouts, resets, broken answers   the request, the prompt, and what is taken
                                                       for the answer beforehand
========= ============================================ =========================================
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from typing import Literal

import msgspec

from pointsman.chat import Usage
from pointsman.limits.values.limit import (
    INPUT,
    NOTHING,
    TOTAL,
    UPSTREAM_INPUT,
    UPSTREAM_TOTAL,
    Amounts,
    Limit,
)
from pointsman.tokens import Ratio, bytes_tokens

from .outputs import Outputs

Failure = Literal["unsent", "limited", "refused", "failed"]

LARGE_PART = 4
"""A prompt that may be more than a fourth of a limit matters enough to be counted, as long as little is known
of how the model's prompts compare with the size of their bodies."""
WELL_KNOWN = 20
"""Calls after which that is known, if the ratio is nearly always the same."""
SURE_PART = 2
"""An estimated prompt surely has one in so many of its tokens. Only what surely does not fit never does."""
MOST_MODELS = 1_000


class CountingRule(msgspec.Struct, frozen=True, gc=False):
    """How a provider counts tokens against its limits, where that is not what it bills."""

    cached: bool = True
    """Prompt tokens that it reads from its cache count like others."""
    beforehand: bool = True
    """The stated bound of the answer is taken with the request from the limit of all tokens, and never given
    back. Without one, and otherwise, the answer counts as it is made."""
    answers: bool = True
    """The limit of all tokens counts answers too."""


RULES: dict[str, CountingRule] = {
    "anthropic": CountingRule(cached=False, beforehand=False),
    "openai": CountingRule(),
    "gemini": CountingRule(beforehand=False, answers=False),
    "deepseek": CountingRule(beforehand=False),
}
"""By provider, as documented in November 2026. Anthropic leaves out what it reads from its cache, and counts
answers while it makes them. OpenAI takes the stated bound (its words allow for less than prompt and bound
together, never for more), and counts cached prompts and failed requests. Gemini's tokens a minute are those
of prompts. DeepSeek limits calls at once and nothing else."""

_BY_DIALECT = {"anthropic_messages": RULES["anthropic"]}


def counting_rule(provider: str, dialect: str) -> CountingRule:
    """The provider's own rule, or that of whose dialect it speaks."""
    return RULES.get(provider) or _BY_DIALECT.get(dialect, RULES["openai"])


def used(usage: Usage, most: int | None, rule: CountingRule) -> Amounts:
    """What a call took, by the usage that the provider reported.

    Args:
        most: the bound of the answer that the request stated, as it was sent.
    """
    prompt, output = usage.prompt, usage.output
    counted = prompt if rule.cached else prompt - usage.cache_read
    return (1, prompt, output, prompt + output, counted, _total(counted, output, most, rule), 0)


def used_after(failure: Failure, estimate: Amounts, most: int | None, rule: CountingRule) -> Amounts:
    """What a call took that brought no usage. See the table above."""
    if failure == "unsent":
        return NOTHING
    if failure != "failed":
        return (1, 0, 0, 0, 0, 0, 0)
    prompt, counted = estimate[INPUT], estimate[UPSTREAM_INPUT]
    return (1, prompt, 0, prompt, counted, _total(counted, 0, most, rule), 0)


class Demand:
    """Guesses what requests will take, and learns from what they took. Of all models; bounded."""

    __slots__ = ("_fresh", "_sizes", "outputs")

    def __init__(self, outputs: Outputs | None = None) -> None:
        self.outputs = outputs or Outputs()
        self._sizes: OrderedDict[str, Ratio] = OrderedDict()
        """By model: prompt tokens ÷ what the size of the body lets expect."""
        self._fresh: OrderedDict[str, Ratio] = OrderedDict()
        """By model: prompt tokens that were not read from a cache ÷ all of them."""

    def estimate(
        self,
        model: str,
        key: str,
        size: int,
        most: int | None,
        rule: CountingRule,
        limits: tuple[Limit, ...],
        count: Callable[[], int],
        *,
        media: bool = False,
    ) -> Amounts:
        """What to reserve for a request.

        Args:
            model: by the name under which it is learned about, as PROVIDER/MODEL.
            size: bytes of the body.
            most: the bound of the answer that the request states, as it will be sent.
            count: an estimate of the prompt from its parts, as ``tokens.request_tokens``; asked for only
                where the size of the body is not enough to go by.
            media: images or documents are in the body, so that its size says little.
        """
        guess, well_known = self._from_size(model, size)
        output = self.outputs.expect(model, key, most)
        if not media and (well_known or not _large(guess, limits)):
            amounts = self._amounts(model, guess, output, most, rule)
            over = {limit.place for limit in limits if amounts[limit.place] > limit.amount}
            if not over:
                return amounts
            if over.isdisjoint(_PROMPT_PLACES):
                return _within(amounts, limits, most, rule)
        return _within(self._amounts(model, max(1, count()), output, most, rule), limits, most, rule)

    def learn(
        self, model: str, key: str, size: int, usage: Usage, *, media: bool = False, whole: bool = True
    ) -> None:
        """A call told its usage.

        Args:
            whole: the answer ended by itself, so that its length is known.
        """
        prompt = usage.prompt
        if prompt:
            if not media:
                _observe(self._sizes, model, bytes_tokens(size), prompt)
            if usage.cache_read or model in self._fresh:
                _observe(self._fresh, model, prompt, max(1, prompt - usage.cache_read))
        if whole:
            self.outputs.observe(model, key, usage.output)

    def _from_size(self, model: str, size: int) -> tuple[int, bool]:
        """An upper estimate, and whether enough is known of the model to go by it."""
        ratio = self._sizes.get(model)
        guess = bytes_tokens(size)
        if ratio is None:
            return guess or 1, False
        mean, high = ratio.mean, ratio.high
        well_known = ratio.calls >= WELL_KNOWN and LARGE_PART * ratio.deviation < mean
        high += ratio.deviation  # at the edge of a limit one call in twenty is often
        return ceil(guess * (mean if mean > high else high)) or 1, well_known

    def _amounts(self, model: str, prompt: int, output: int, most: int | None, rule: CountingRule) -> Amounts:
        counted = prompt
        if not rule.cached:
            fresh = self._fresh.get(model)
            if fresh is not None:
                counted = int(prompt * min(fresh.mean, 1.0)) or 1
        return (1, prompt, output, prompt + output, counted, _total(counted, output, most, rule), 1)


def _total(counted: int, output: int, most: int | None, rule: CountingRule) -> int:
    """Of the provider's limit of all tokens."""
    if not rule.answers:
        return counted
    return counted + (most if rule.beforehand and most is not None else output)


def _large(prompt: int, limits: tuple[Limit, ...]) -> bool:
    """Whether a prompt may be a large part of any of the limits."""
    most = prompt * LARGE_PART
    return any(most > limit.amount and limit.place in _PROMPT_PLACES for limit in limits)


_PROMPT_PLACES = frozenset((INPUT, TOTAL, UPSTREAM_INPUT, UPSTREAM_TOTAL))


def _within(amounts: Amounts, limits: tuple[Limit, ...], most: int | None, rule: CountingRule) -> Amounts:
    """A guess makes nobody wait for ever: where it is more than a limit, and what is sure is not, the request
    takes all of the limit. What fits is left as it is."""
    prompt = amounts[INPUT] // SURE_PART
    counted = prompt if rule.cached else 0
    sure = (1, prompt, 0, prompt, counted, _total(counted, 0, most, rule), 1)
    fitted = list(amounts)
    for limit in limits:
        place = limit.place
        if fitted[place] > limit.amount and (limit.source == "learned" or limit.amount >= sure[place]):
            fitted[place] = limit.amount
    requests, whole, output, total, upstream, upstream_total, slots = fitted
    return (requests, whole, output, total, upstream, upstream_total, slots)


def _observe(table: OrderedDict[str, Ratio], model: str, guessed: int, real: int) -> None:
    known = table.get(model)
    if known is None:
        if len(table) >= MOST_MODELS:
            table.popitem(last=False)
        known = _UNKNOWN
    table[model] = known.observe(guessed, real)
    table.move_to_end(model)


_UNKNOWN = Ratio()
