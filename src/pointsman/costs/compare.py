"""What the same work would have cost elsewhere."""

from __future__ import annotations

from datetime import datetime

from pointsman.catalog import Model
from pointsman.chat import Usage

from .money import PicoUsd
from .price import price
from .pricer import Pricer, UnpricedUsage


def against(model: Model, usage: Usage, at: datetime) -> PicoUsd:
    """The cost of ``usage`` on another model, at its standard tier.

    The token counts are taken over as they are: another model's tokenizer counts the same text
    differently, by a tenth or a third, and another model answers at another length. Where the other model
    has no price for cache writes, the tokens count as plain input: it would have had nothing to write.

    Raises:
        UnpricedUsage: the other model has no price for input or output either.
    """
    elsewhere = Usage(
        input=usage.input,
        output=usage.output,
        cache_read=usage.cache_read,
        cache_write_5m=usage.cache_write_5m,
        cache_write_30m=usage.cache_write_30m,
        cache_write_1h=usage.cache_write_1h,
        cache_write_12h=usage.cache_write_12h,
    )
    try:
        return price(model, elsewhere, at)
    except UnpricedUsage:
        plain = Usage(input=usage.input + usage.cache_write, output=usage.output, cache_read=usage.cache_read)
        return price(model, plain, at)


def list_price(model: Model, tokens_in: int, tokens_out: int, at_us: int) -> PicoUsd:
    """Of one call that neither reads nor writes a prompt cache; where prices depend on the hour, at peak.

    Raises:
        UnpricedUsage: the catalog has no price for it.
    """
    return Pricer(model).worst_case(tokens_in, tokens_out, at_us, cache_writes=False)
