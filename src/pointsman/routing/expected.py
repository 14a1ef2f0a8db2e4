"""What a request, and the conversation that it belongs to, is expected to cost with each model. Pure.

The turns of a conversation send its beginning again, which a provider that has just read it serves from its
prompt cache at a fraction of the price. A model that is switched to must first read what it has not in its
own cache, at the full price or that of writing it. What it saves on the turns to come is held against that.

How many turns are to come is learned from the conversations before (``lengths.py``). Of these only as many
count as would by themselves not go to the present model or a stronger one, by what its turns so far would
have done: for the others a conversation goes back, while what is in a cache stays there for some minutes. The
turns to come are taken to be like this one: each adds as many tokens, and its answer is as long.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd, Pricer, UnpricedUsage

from .session import Conversation


class Course(msgspec.Struct, frozen=True):
    """A conversation from now on."""

    prompt: int
    """Tokens of this turn's prompt, expected."""
    output: int
    """Tokens of an answer, expected."""
    added: int
    """Tokens that a turn adds to the prompt."""
    turns: int
    """To come for which a switch counts, this one among them."""
    writes: bool
    at_us: int
    """Unix time, by which prices go."""


def expected_cost(pricer: Pricer | None, prompt: int, output: int, at_us: int) -> PicoUsd | None:
    """Of one request without a cache; None where the price is not known."""
    return None if pricer is None else _price(pricer, prompt, 0, output, at_us, writes=False)


def course_of(
    conversation: Conversation,
    models: Sequence[str],
    size: int,
    output: int,
    turns: float,
    at_us: int,
) -> Course | None:
    """None where nothing is in the cache of the model that it is with, so that there is nothing to lose.

    Args:
        models: of the pool, in its order; the conversation is with one of them.
        size: of the request's body, in bytes.
        turns: that are expected to come, this one among them.
    """
    cached = conversation.cached(conversation.model, at_us)
    if not cached:
        return None
    prompt = max(round(size * conversation.tokens_per_byte), cached)
    needed = _needed(conversation, models[models.index(conversation.model) :])
    counting = max(1, round(turns * (1.0 - needed)))
    return Course(prompt, output, prompt - cached, counting, conversation.writes, at_us)


def course_cost(pricer: Pricer | None, course: Course, cached: int) -> PicoUsd | None:
    """Of the whole course with one model; None where a price is not known.

    Args:
        cached: tokens of the conversation that its provider has in its cache now.
    """
    if pricer is None:
        return None
    cached = min(cached, course.prompt)
    now = _price(pricer, course.prompt - cached, cached, course.output, course.at_us, writes=course.writes)
    later = _price(
        pricer,
        course.added,
        max(course.prompt - course.added, 0),
        course.output,
        course.at_us,
        writes=course.writes,
    )
    return None if now is None or later is None else now + (course.turns - 1) * later


def _needed(conversation: Conversation, models: Sequence[str]) -> float:
    """The share of its turns that by themselves go to one of these; as if two more had been seen, and one in
    four of them did."""
    return (sum(conversation.chosen.get(model, 0) for model in models) + 0.5) / (conversation.turns + 2)


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
