"""Usage times price, exactly.

rates.py, pricer.py, price.py   what a call costs
compare.py                      what it would have cost elsewhere
roi.py, article.py              what many calls cost on a mix of models, and what an article says of it
prompt_cache.py                 what a prompt cache earned
savings.py, ratio.py, tally.py  what routing saved, request by request
"""

from .compare import against, list_price
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
    "list_price",
    "parse_usd",
    "price",
    "worst_case",
]
