"""What a provider's prompt cache earned: the same call without it, less what was paid. Pure."""

from __future__ import annotations

from pointsman.chat import Usage

from .money import PicoUsd
from .pricer import Pricer


def uncached(usage: Usage) -> Usage:
    """The same call where nothing is read from a prompt cache, and nothing written to it."""
    return Usage(input=usage.prompt, output=usage.output, reasoning=usage.reasoning, tier=usage.tier)


def earned(usage: Usage, pricer: Pricer, at_us: int) -> PicoUsd:
    """Price of all tokens of the prompt as fresh input, less the actual price: negative where writes cost
    more than reads saved. Exact, in the same band and tier. Raises UnpricedUsage."""
    return pricer.price(uncached(usage), at_us) - pricer.price(usage, at_us)
