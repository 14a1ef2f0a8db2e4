"""One-off questions about a model's cost. On the request path keep a :class:`Pricer` instead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pointsman.catalog import Model
from pointsman.chat import Usage

from .money import PicoUsd
from .pricer import CostBreakdown, Pricer

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def price(
    model: Model, usage: Usage, at: datetime, *, tier: str = "", multipliers: tuple[str, ...] = ()
) -> PicoUsd:
    """What ``usage`` costs on ``model`` at ``at`` (with a time zone). Raises UnpricedUsage."""
    return Pricer(model).price(usage, _to_us(at), tier, multipliers)


def cost_breakdown(
    model: Model, usage: Usage, at: datetime, *, tier: str = "", multipliers: tuple[str, ...] = ()
) -> CostBreakdown:
    """The same, bucket by bucket. Raises UnpricedUsage."""
    return Pricer(model).breakdown(usage, _to_us(at), tier, multipliers)


def worst_case(
    model: Model,
    prompt_tokens: int,
    max_output: int,
    at: datetime,
    *,
    tier: str = "",
    multipliers: tuple[str, ...] = (),
) -> PicoUsd:
    """The most that a call can cost with at most so many tokens. Raises UnpricedUsage."""
    return Pricer(model).worst_case(prompt_tokens, max_output, _to_us(at), tier, multipliers)


def _to_us(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a price needs a time with a time zone")
    return (at - _EPOCH) // _MICROSECOND
