"""Requests and tokens a minute, enforced as the providers do: buckets that fill continuously.

Time is a number of microseconds, an argument; levels are integers, so that nothing is lost to rounding.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Family = Literal["openai", "anthropic"]

_MINUTE_US = 60_000_000


class Bucket:
    """``per_minute`` units, all there at first, flowing back evenly over a minute."""

    __slots__ = ("_at", "_level", "per_minute")

    def __init__(self, per_minute: int, now: int) -> None:
        self.per_minute = per_minute
        self._level = per_minute * _MINUTE_US
        self._at = now

    def _fill(self, now: int) -> int:
        if now > self._at:
            full = self.per_minute * _MINUTE_US
            self._level = min(full, self._level + (now - self._at) * self.per_minute)
            self._at = now
        return self._level

    def remaining(self, now: int) -> int:
        """Whole units there; 0 while it is in debt."""
        return max(0, self._fill(now) // _MINUTE_US)

    def take(self, amount: int, now: int) -> None:
        """Take without asking; may leave a debt."""
        self._level = self._fill(now) - amount * _MINUTE_US

    def wait(self, amount: int, now: int) -> int | None:
        """Microseconds until ``amount`` is there: 0 now, None never."""
        if amount > self.per_minute:
            return None
        missing = amount * _MINUTE_US - self._fill(now)
        return max(0, -(-missing // self.per_minute))

    def until_full(self, now: int) -> int:
        """Microseconds."""
        missing = self.per_minute * _MINUTE_US - self._fill(now)
        return -(-missing // self.per_minute)


class Refusal(msgspec.Struct, frozen=True):
    """A request that does not fit now."""

    what: str
    """Which limit: "requests", "tokens", "input tokens" or "output tokens"."""
    limit: int
    wait_us: int | None
    """None: it never will, for it is larger than the limit itself."""


class Limits:
    """The buckets of one model at one provider.

    Args:
        family: Anthropic counts input and output apart, and output only when it is made; OpenAI takes
            the prompt and the stated maximum of the answer from one bucket beforehand.
    """

    def __init__(self, family: Family, rpm: int, tpm: int, now: int) -> None:
        self.family = family
        self.requests = Bucket(rpm, now)
        self.input = Bucket(tpm, now)
        self.output = Bucket(tpm, now) if family == "anthropic" else None

    def admit(self, prompt: int, max_output: int | None, now: int) -> Refusal | None:
        """Take what the request needs from all of the buckets, or from none and say why.

        Args:
            prompt: prompt tokens that count against the limit (not those read from a cache, at Anthropic).
            max_output: the request's own bound of its answer.
        """
        tokens = prompt if self.output else prompt + (max_output or 0)
        asked = [("requests", self.requests, 1)]
        asked.append(("input tokens" if self.output else "tokens", self.input, tokens))
        if self.output:
            asked.append(("output tokens", self.output, 1))
        worst: Refusal | None = None
        for what, bucket, amount in asked:
            wait = bucket.wait(amount, now)
            if wait is None:
                return Refusal(what, bucket.per_minute, None)
            if wait and (worst is None or wait > (worst.wait_us or 0)):
                worst = Refusal(what, bucket.per_minute, wait)
        if worst is None:
            self.requests.take(1, now)
            self.input.take(tokens, now)
        return worst

    def settle(self, output: int, max_output: int | None, now: int) -> None:
        """Take the tokens of the answer, where they were not taken beforehand."""
        if self.output:
            self.output.take(output, now)
        elif max_output is None:
            self.input.take(output, now)
