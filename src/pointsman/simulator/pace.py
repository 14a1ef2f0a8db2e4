"""How fast a model answers: time to first token, then tokens a second. Medians of what users measure."""

from __future__ import annotations

import msgspec

from .dice import Dice


class Tier(msgspec.Struct, frozen=True):
    """Typical speed of a kind of model."""

    marks: tuple[str, ...]
    """The first tier with one of these in the model's id is the model's own."""
    ttft: float
    """Seconds, median."""
    rate: float
    """Tokens a second, median."""


TIERS = (
    Tier(("nano", "luna", "flash-lite"), 0.15, 190.0),
    Tier(("haiku",), 0.18, 150.0),
    Tier(("mini", "flash"), 0.25, 160.0),
    Tier(("reasoner", "v4-pro"), 1.2, 40.0),
    Tier(("deepseek",), 0.6, 60.0),
    Tier(("sonnet", "terra"), 0.5, 80.0),
    Tier(("opus", "fable", "astra"), 1.0, 45.0),
    Tier(("-pro", "argon", "sol"), 0.8, 70.0),
    Tier(("",), 0.45, 90.0),
)

_TTFT_SIGMA = 0.35
_RATE_SIGMA = 0.15


class Timing(msgspec.Struct, frozen=True):
    """When the tokens of one answer come, in seconds from its request. All zero: without any wait."""

    ttft: float = 0.0
    per_token: float = 0.0

    def due(self, tokens: int) -> float:
        """When that many tokens are there."""
        return self.ttft + self.per_token * max(0, tokens - 1)

    def generated(self, elapsed: float, total: int) -> int:
        """How many of ``total`` tokens are there by then."""
        if elapsed < self.ttft:
            return 0
        if self.per_token <= 0.0:
            return total
        return min(total, 1 + int((elapsed - self.ttft) / self.per_token))


def timing(model: str, dice: Dice, *, paced: bool, speed: float, slowness: float | None) -> Timing:
    """The timing of one answer.

    Args:
        paced: False: answers do not wait at all, unless they are made slow.
        speed: all times are divided by it.
        slowness: factor of a slow answer; None where it is not.
    """
    if not paced and slowness is None:
        return Timing()
    tier = next(tier for tier in TIERS if any(mark in model for mark in tier.marks))
    factor = (1.0 if slowness is None else slowness) / speed
    ttft = dice.log_normal("ttft", tier.ttft, _TTFT_SIGMA)
    rate = dice.log_normal("rate", tier.rate, _RATE_SIGMA)
    return Timing(ttft=ttft * factor, per_token=factor / rate)
