"""Numbers as people read them: money, seconds, counts. What is exact is printed elsewhere."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from pointsman.costs import PER_USD, PicoUsd


def dollars(amount: PicoUsd) -> str:
    """For the eye: rounded to 10⁻⁴ dollars, or to 10⁻⁶ below one cent. ``format_usd`` is exact."""
    digits = Decimal("0.000001") if abs(amount) < PER_USD // 100 else Decimal("0.0001")
    return f"${(Decimal(amount) / PER_USD).quantize(digits, ROUND_HALF_EVEN):f}"


def seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}"


def count(value: int, *, short: bool) -> str:
    """12,345; where there is little room from 10,000 on 12.3k, 123k, 1.23M."""
    if not short or value < 10_000:
        return f"{value:,}"
    if value < 99_950:
        return f"{value / 1000:.1f}k"
    return f"{value / 1000:.0f}k" if value < 999_500 else f"{value / 1_000_000:.2f}M"
