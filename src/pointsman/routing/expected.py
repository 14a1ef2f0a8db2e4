"""What a request, and the conversation that it belongs to, is expected to cost with each model. Pure.

The turns of a conversation send its beginning again, which a provider that has just read it serves from its
prompt cache at a fraction of the price. A model that is switched to must first read what it has not in its
own cache, at the full price or that of writing it. What it saves on the turns to come is held against that.

How many turns are to come is learned from the conversations before (``lengths.py``); which of them would by
themselves go to the present model or a stronger one, from the turns before, as a Markov chain of two states.
For these the conversation goes back, and what it was told meanwhile is read there too. The turns to come are
taken to be like this one: each adds as many tokens, and its answer is as long.
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
    """To come, this one among them."""
    writes: bool
    at_us: int
    """Unix time, by which prices go."""
    again: float = 1.0
    """Probability that a turn which does not need the present model is followed by another such turn."""
    first: float = 1.0
    """Probability that one which does is followed by one which does not."""


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
    again, first = _steps(conversation, models[models.index(conversation.model) :])
    return Course(
        prompt, output, prompt - cached, max(1, round(turns)), conversation.writes, at_us, again, first
    )


def staying_cost(pricer: Pricer | None, course: Course, cached: int) -> PicoUsd | None:
    """Of the whole course with one model; None where a price is not known.

    Args:
        cached: tokens of the conversation that its provider has in its cache now.
    """
    rates = _rates(pricer, course)
    if rates is None:
        return None
    fresh, more = course.prompt - min(cached, course.prompt), course.turns - 1
    prompts = course.turns * course.prompt + course.added * course.turns * more / 2
    written = fresh + more * course.added
    return round(rates.write * written + rates.read * (prompts - written) + rates.answer * course.turns)


def moving_cost(
    pricer: Pricer | None, course: Course, cached: int, present: Pricer | None, cached_present: int
) -> PicoUsd | None:
    """Of the whole course with a model for this turn and those that do not need the present one, and with the
    present one for the others. Each has to read what was said since it answered last.

    Args:
        cached: tokens of the conversation that the model's provider has in its cache now.
        cached_present: the same of the present one's.
    """
    own, other = _rates(pricer, course), _rates(present, course)
    if own is None or other is None:
        return None
    prompt, added, again, first = course.prompt, course.added, course.again, course.first
    here, there = 1.0, 0.0
    """Probabilities that a turn is for the model, or for the present one."""
    behind_here, behind_there = float(prompt - min(cached, prompt)), 0.0
    """Tokens that the model has not read, in turns for it and in turns for the other; weighed by these."""
    behind = float(prompt - min(cached_present, prompt))
    other_here, other_there = behind, 0.0
    """The same of the present model."""
    cost = 0.0
    for _ in range(course.turns):
        cost += own.write * behind_here + own.read * (prompt * here - behind_here) + own.answer * here
        cost += other.write * other_there + other.read * (prompt * there - other_there) + other.answer * there
        prompt += added
        read, unread = added * here, behind_there + added * there
        behind_here, behind_there = again * read + first * unread, (1 - again) * read + (1 - first) * unread
        unread, read = other_here + added * here, added * there
        other_here, other_there = again * unread + first * read, (1 - again) * unread + (1 - first) * read
        here, there = again * here + first * there, (1 - again) * here + (1 - first) * there
    return round(cost)


class _Rates(msgspec.Struct, frozen=True, gc=False):
    """10^-12 USD; as they are for prompts of this length."""

    write: float
    """For a token that is not in the cache, and is there afterwards."""
    read: float
    answer: float


def _rates(pricer: Pricer | None, course: Course) -> _Rates | None:
    if pricer is None:
        return None
    prompt, at_us, writes = max(course.prompt, 1), course.at_us, course.writes
    write = _price(pricer, prompt, 0, 0, at_us, writes=writes)
    read = _price(pricer, 0, prompt, 0, at_us, writes=False)
    whole = _price(pricer, 0, prompt, course.output, at_us, writes=False)
    if write is None or read is None or whole is None:
        return None
    return _Rates(write / prompt, read / prompt, whole - read)


def _steps(conversation: Conversation, models: Sequence[str]) -> tuple[float, float]:
    """How probable it is that the next turn does not by itself go to one of these, after one that did not and
    after one that did. With this turn, which does not; and as if of each kind two more had been seen that
    were followed as often as there were such turns at all, and of all turns one more, half of it such."""
    after_light, after_heavy, light, heavy = 0.0, 0.0, 0.0, 0.0
    for (before, then), count in (*conversation.followed.items(), ((conversation.own_choice, ""), 1)):
        if before in models:
            heavy += count
            after_heavy += count * (then not in models)
        else:
            light += count
            after_light += count * (then not in models)
    share = (light + 1.5) / (light + heavy + 2.0)
    return (after_light + 2.0 * share) / (light + 2.0), (after_heavy + 2.0 * share) / (heavy + 2.0)


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
