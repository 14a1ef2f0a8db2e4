"""Usage times price, exactly."""

from .compare import against
from .money import PER_USD, PicoUsd, format_usd, parse_usd
from .price import cost_breakdown, price, worst_case
from .pricer import CostBreakdown, CostLine, Pricer, UnpricedUsage

__all__ = [
    "PER_USD",
    "CostBreakdown",
    "CostLine",
    "PicoUsd",
    "Pricer",
    "UnpricedUsage",
    "against",
    "cost_breakdown",
    "format_usd",
    "parse_usd",
    "price",
    "worst_case",
]
