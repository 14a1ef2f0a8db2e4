"""Requests, tokens and calls at a time, enforced as the providers do. Arithmetic of levels: ``levels.py``."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from .levels import Bucket, Level, Window

Family = Literal["openai", "anthropic"]

UNLIMITED_RPM = 1_000_000
UNLIMITED_TPM = 10_000_000_000
"""What is enforced, and told in the headers, where no limits are set."""


class Rates(msgspec.Struct, frozen=True):
    """Units a minute, and calls at a time. None: no limit that anyone would meet."""

    rpm: int | None = None
    tpm: int | None = None
    """At Anthropic for input and output each, where they have no number of their own."""
    input_tpm: int | None = None
    output_tpm: int | None = None
    concurrency: int | None = None
    rolling: bool = False
    """A window in place of buckets, where OpenAI's dialect is spoken."""
    counts_refused: bool = False
    """A request that is refused here counts against the requests a minute, as OpenAI documents it."""


class Refusal(msgspec.Struct, frozen=True):
    """A request that does not fit now."""

    cause: str
    """Which limit: a key of ``Limits.levels``, or "concurrency"."""
    limit: int
    wait_us: int | None
    """None: nobody knows."""
    too_large: bool = False
    """It never fits, for it is larger than the limit itself."""


class _Claim(msgspec.Struct, frozen=True, gc=False):
    """What a request needs of a level to be let in, and what is then taken."""

    cause: str
    level: Level
    needed: int
    taken: int


class Account:
    """All models of a provider together: requests, and tokens of prompts and answers in one."""

    def __init__(self, family: Family, rpm: int | None, tpm: int | None, rolling: bool, now: int) -> None:
        self.levels: dict[str, Level] = {}
        """By cause; only those that are limited."""
        for cause, per_minute in (("account_requests", rpm), ("account_tokens", tpm)):
            if per_minute is not None:
                self.levels[cause] = _level(family, per_minute, rolling, now)


class Limits:
    """What holds for one model at one provider.

    Args:
        family: Anthropic counts input and output apart, and output only when it is made; OpenAI takes
            the prompt and the stated maximum of the answer beforehand.
        account: what it shares with the other models of the provider.
    """

    def __init__(self, family: Family, rates: Rates, now: int, account: Account | None = None) -> None:
        self.family = family
        self.rates = rates
        self.rejected: Counter[str] = Counter()
        """429s by cause; a scripted one is a "fault"."""
        self.running = self.most_running = self.begun = 0
        """Calls under way: now, at most, and since the beginning."""
        self.account = account or Account(family, None, None, False, now)
        self.levels: dict[str, Level] = {}
        """By cause: requests, and tokens or input_tokens and output_tokens."""
        named = _named(family, rates)
        for cause, given, otherwise in named:
            if given is not None:
                self.levels[cause] = _level(family, given, rates.rolling, now)
            elif otherwise:
                self.levels[cause] = Bucket(otherwise, now)
        self.unlimited = frozenset(cause for cause, given, _ in named if given is None)
        """Causes whose level is only there to be told."""

    def admit(self, prompt: int, max_output: int | None, now: int) -> Refusal | None:
        """Take what the request needs of all limits, and a place among the calls under way; or take none of
        that and say why.

        Args:
            prompt: prompt tokens that count against the limit (not those read from a cache, at Anthropic).
            max_output: the request's own bound of its answer.
        """
        claims = self._claims(prompt, max_output)
        refusal = self._refusal(claims, now)
        if refusal is None:
            for claim in claims:
                claim.level.take(claim.taken, now)
            self._begin()
            return None
        self.rejected[refusal.cause] += 1
        if self.rates.counts_refused:
            for claim in claims:
                if claim.cause in ("requests", "account_requests"):
                    claim.level.waste(now)
            if refusal.wait_us is not None and (later := self._refusal(claims, now)) is not None:
                return msgspec.structs.replace(refusal, wait_us=later.wait_us)
        return refusal

    def settle(self, output: int, max_output: int | None, now: int) -> None:
        """The call has ended: take the tokens of the answer, where they were not taken beforehand, and give
        its place back."""
        if self.family == "anthropic" or max_output is None:
            for cause in ("tokens", "output_tokens"):
                if cause in self.levels:
                    self.levels[cause].take(output, now)
            if "account_tokens" in self.account.levels:
                self.account.levels["account_tokens"].take(output, now)
        self.leave()

    def leave(self) -> None:
        """The call has ended without an answer; what it took of the others counts all the same."""
        self.running -= 1

    def _begin(self) -> None:
        self.begun += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)

    def _claims(self, prompt: int, max_output: int | None) -> list[_Claim]:
        beforehand = max_output if self.family == "openai" else None
        both = prompt + (beforehand or 0)
        # An answer of unknown length is let in if there is one token, and taken when it is there.
        answer = (1, 0) if beforehand is None else (beforehand, beforehand)
        amounts = {
            "requests": (1, 1),
            "tokens": (both, both),
            "input_tokens": (prompt, prompt),
            "output_tokens": answer,
            "account_requests": (1, 1),
            "account_tokens": (both, both),
        }
        levels = self.levels | self.account.levels
        return [_Claim(cause, level, *amounts[cause]) for cause, level in levels.items()]

    def _refusal(self, claims: list[_Claim], now: int) -> Refusal | None:
        worst: Refusal | None = None
        for claim in claims:
            wait = claim.level.wait(claim.needed, now)
            if wait is None:
                return Refusal(claim.cause, claim.level.per_minute, None, too_large=True)
            if wait and (worst is None or wait > (worst.wait_us or 0)):
                worst = Refusal(claim.cause, claim.level.per_minute, wait)
        most = self.rates.concurrency
        if worst is None and most is not None and self.running >= most:
            return Refusal("concurrency", most, None)
        return worst


def _named(family: Family, rates: Rates) -> tuple[tuple[str, int | None, int], ...]:
    """Cause, its limit, and what is told in the headers where it has none; 0: nothing."""
    requests = ("requests", rates.rpm, UNLIMITED_RPM)
    if family == "anthropic":
        return (
            requests,
            ("input_tokens", rates.input_tpm or rates.tpm, UNLIMITED_TPM),
            ("output_tokens", rates.output_tpm or rates.tpm, UNLIMITED_TPM),
        )
    return (
        requests,
        ("tokens", rates.tpm, UNLIMITED_TPM),
        ("input_tokens", rates.input_tpm, 0),
        ("output_tokens", rates.output_tpm, 0),
    )


def _level(family: Family, per_minute: int, rolling: bool, now: int) -> Level:
    return Window(per_minute) if rolling and family == "openai" else Bucket(per_minute, now)
