"""Exact money: integers of 10⁻¹² US dollars, never floats."""

from __future__ import annotations

from decimal import Decimal

PicoUsd = int
"""US dollars times 10¹². A price of $0.0025 per million tokens is 2,500 of them per token."""

PER_USD = 10**12


def format_usd(amount: PicoUsd) -> str:
    """The exact amount in dollars, without a sign of currency and without trailing zeros: "0.0000185"."""
    if amount < 0:
        return f"-{format_usd(-amount)}"
    whole, fraction = divmod(amount, PER_USD)
    return f"{whole}.{fraction:012d}".rstrip("0") if fraction else str(whole)


def parse_usd(text: str) -> PicoUsd:
    """The reverse of :func:`format_usd`. Raises ValueError for what is no exact multiple of 10⁻¹²."""
    scaled = Decimal(text) * PER_USD
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{text} US dollars is finer than 10^-12")
    return int(scaled)
