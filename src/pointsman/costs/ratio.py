"""How many tokens one model takes for each of another's: measured where both answered the same prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, floor, sqrt

import msgspec

from pointsman.chat import Usage

PER_ONE = 1_000_000
MIN_PAIRS = 30
"""Below so many prompts that both answered, no ratio is told."""
_NORMAL_95 = 1.96


class Bounds(msgspec.Struct, frozen=True):
    """A ratio in millionths, and the interval that covers the true one in 95 of 100 cases."""

    value: int = PER_ONE
    low: int = PER_ONE
    high: int = PER_ONE


class TokenRatio(msgspec.Struct, frozen=True):
    """Tokens of one model for each token of another, over ``pairs`` prompts that both answered."""

    pairs: int
    input: Bounds = Bounds()
    output: Bounds = Bounds()


class _Sums(msgspec.Struct):
    """What a ratio of two sums and its error need: tokens x of the one model, y of the other."""

    x: int = 0
    y: int = 0
    xx: int = 0
    xy: int = 0
    yy: int = 0

    def add(self, x: int, y: int) -> None:
        self.x += x
        self.y += y
        self.xx += x * x
        self.xy += x * y
        self.yy += y * y

    def bounds(self, pairs: int) -> Bounds | None:
        """Σy/Σx with the usual linearised error of a ratio estimator (Cochran, Sampling Techniques, 6.3)."""
        if not self.x or not self.y:
            return None
        ratio = self.y / self.x
        residual = max(self.yy - 2 * ratio * self.xy + ratio * ratio * self.xx, 0.0)
        error = _NORMAL_95 * sqrt(residual * pairs / (pairs - 1)) / self.x
        return Bounds(
            round(ratio * PER_ONE), floor(max(ratio - error, 0.0) * PER_ONE), ceil((ratio + error) * PER_ONE)
        )


class PairedTokens:
    """Takes one prompt after the other, in constant memory, and tells the ratio at the end."""

    __slots__ = ("_input", "_output", "pairs")

    def __init__(self) -> None:
        self.pairs = 0
        self._input = _Sums()
        self._output = _Sums()

    def add(self, tokens: tuple[int, int], other: tuple[int, int]) -> None:
        """Tokens in and out of the one model and of the other, for the same prompt."""
        self.pairs += 1
        self._input.add(tokens[0], other[0])
        self._output.add(tokens[1], other[1])

    def ratio(self) -> TokenRatio | None:
        """Of the other to the one; None where there are too few pairs, or one of them has no tokens."""
        if self.pairs < MIN_PAIRS:
            return None
        tokens_in, tokens_out = self._input.bounds(self.pairs), self._output.bounds(self.pairs)
        if tokens_in is None or tokens_out is None:
            return None
        return TokenRatio(self.pairs, tokens_in, tokens_out)


def ratios_against(baseline: str, prompts: Iterable[Mapping[str, tuple[int, int]]]) -> dict[str, TokenRatio]:
    """By model, tokens of the baseline for each of its own; only of those where enough prompts tell it.

    Args:
        prompts: tokens in and out of each model's answer to one and the same prompt.
    """
    paired: dict[str, PairedTokens] = {}
    for tokens in prompts:
        if (strong := tokens.get(baseline)) is None:
            continue
        for model, own in tokens.items():
            if model != baseline:
                paired.setdefault(model, PairedTokens()).add(own, strong)
    found = {model: pairs.ratio() for model, pairs in paired.items()}
    return {model: ratio for model, ratio in found.items() if ratio is not None}


def scaled(usage: Usage, tokens_in: int, tokens_out: int) -> Usage:
    """Usage with its prompt and its answer times these millionths, bucket by bucket, rounded half up."""
    if tokens_in == tokens_out == PER_ONE:
        return usage
    return Usage(
        input=_times(usage.input, tokens_in),
        output=_times(usage.output, tokens_out),
        cache_read=_times(usage.cache_read, tokens_in),
        cache_write_5m=_times(usage.cache_write_5m, tokens_in),
        cache_write_30m=_times(usage.cache_write_30m, tokens_in),
        cache_write_1h=_times(usage.cache_write_1h, tokens_in),
        cache_write_12h=_times(usage.cache_write_12h, tokens_in),
        reasoning=_times(usage.reasoning, tokens_out),
        tier=usage.tier,
    )


def _times(tokens: int, millionths: int) -> int:
    return (2 * tokens * millionths + PER_ONE) // (2 * PER_ONE)
