"""Usage times price, exactly."""

from .money import PER_USD, PicoUsd, format_usd, parse_usd

__all__ = ["PER_USD", "PicoUsd", "format_usd", "parse_usd"]
