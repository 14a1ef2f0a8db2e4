"""What a request, and the conversation that it belongs to, is expected to cost with each model. Pure.

A conversation's next turns send its beginning again, which a provider that has just read it serves from its
prompt cache at a fraction of the price. Another model reads it anew. So the price of a switch is that of one
turn without the cache, and what it earns is the difference of all turns that are still to come.

Nobody knows how many those are. Lengths of conversations have heavy tails, for which the best simple guess
is that one lasts as much longer as it has lasted (the median of what remains of a Pareto variable with
exponent 1 is what has passed; "Lindy's law"). That is an assumption, bounded by ``MOST_TURNS``. So is that
the turns to come are like this one: their growth is left out, which favours neither side.
"""

from __future__ import annotations

from pointsman.chat import Usage
from pointsman.costs import PicoUsd, Pricer, UnpricedUsage

from .session import Conversation

MOST_TURNS = 16


def turns_to_come(conversation: Conversation | None) -> int:
    """This one among them."""
    return 1 if conversation is None else max(1, min(conversation.turns, MOST_TURNS))


def expected_cost(pricer: Pricer | None, prompt: int, output: int, at_us: int) -> PicoUsd | None:
    """Of one request without a cache; None where the price is not known."""
    return None if pricer is None else _price(pricer, prompt, 0, output, at_us, writes=False)


def course_cost(
    pricer: Pricer | None,
    prompt: int,
    output: int,
    at_us: int,
    *,
    conversation: Conversation,
    stays: bool,
) -> PicoUsd | None:
    """Of this turn and the expected ones, at the prices of ``at_us``; None where a price is not known.

    Args:
        prompt, output: tokens of this turn, expected.
        stays: this is the model that the conversation is with, so that its cache is warm.
    """
    if pricer is None:
        return None
    cached = min(conversation.cached_at(at_us), prompt)
    if not cached:
        return expected_cost(pricer, prompt, output, at_us)
    turns, writes = turns_to_come(conversation), conversation.writes
    warm = _price(pricer, prompt - cached, cached, output, at_us, writes=writes)
    if stays or warm is None:
        return None if warm is None else turns * warm
    cold = _price(pricer, prompt, 0, output, at_us, writes=writes)
    return None if cold is None else cold + (turns - 1) * warm


def _price(
    pricer: Pricer, fresh: int, cached: int, output: int, at_us: int, *, writes: bool
) -> PicoUsd | None:
    """``writes``: what is fresh is written to the cache, at the price of that where there is one; what has no
    price in a cache is read at the full one."""
    written = [Usage(output=output, cache_read=cached, cache_write_5m=fresh)] if writes else []
    for usage in (*written, Usage(fresh, output, cached), Usage(fresh + cached, output)):
        try:
            return pricer.price(usage, at_us)
        except UnpricedUsage:
            continue
    return None
