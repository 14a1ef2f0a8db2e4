"""The policies: which model of a pool a request goes to. Pure.

Pools are in the order of their strength, the baseline last. ``able`` says who can do the request at all, and
``costs`` what it is expected to cost; whatever cannot be decided goes to the strongest that can do it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

import msgspec

from .decision import Reason
from .judgement import choose
from .keywords import keyword_position


class Choice(msgspec.Struct, frozen=True, gc=False):
    position: int
    reason: Reason
    propensity: float = 1.0


def strongest(able: Sequence[bool], reason: Reason) -> Choice:
    """The baseline; where it cannot do the request, the strongest that can."""
    last = len(able) - 1
    if able[last]:
        return Choice(last, reason)
    for position in range(last - 1, -1, -1):
        if able[position]:
            return Choice(position, "cannot")
    return Choice(last, reason)  # nobody can; the baseline's refusal says why


def cheapest(able: Sequence[bool], costs: Sequence[float]) -> Choice:
    """Of equal costs the stronger one."""
    best: int | None = None
    for position, can in enumerate(able):
        if can and (best is None or costs[position] <= costs[best]):
            best = position
    return strongest(able, "cheapest") if best is None else Choice(best, "cheapest")


def keywords(text: str, able: Sequence[bool]) -> Choice:
    """The model of the text's class."""
    wanted = keyword_position(text, len(able))
    return Choice(wanted, "keywords") if able[wanted] else strongest(able, "cannot")


def staying(
    choice: Choice, losses: Sequence[float], able: Sequence[bool], courses: Sequence[float], current: int
) -> Choice:
    """The conversation's model instead of ``choice``, where that can do the request, is expected to answer no
    worse, and costs no more over the turns to come, since its provider still has the beginning in its cache.

    Args:
        courses: what the rest of the conversation is expected to cost with each model.
        current: the model that the conversation is with.
    """
    wanted = choice.position
    if current == wanted or not able[current]:
        return choice
    if losses[current] <= losses[wanted] and courses[current] <= courses[wanted]:
        return Choice(current, "stayed", choice.propensity)
    return choice


def learned(
    losses: Sequence[float],
    threshold: float,
    able: Sequence[bool],
    costs: Sequence[float],
    *,
    explore: float = 0.0,
    random: Callable[[], float] | None = None,
) -> Choice:
    """The cheapest model whose expected loss is below the threshold (``judgement.choose``).

    Args:
        explore: the probability of another one, at random, whose loss is below the threshold too.
        random: a number in [0, 1); needed with ``explore``.
    """
    last = len(losses) - 1
    possible = tuple(loss if can else inf for loss, can in zip(losses, able, strict=True))
    prices = tuple(cost if can else inf for cost, can in zip(costs, able, strict=True))
    position = choose(possible, prices, threshold)
    best = strongest(able, "uncertain") if position == last else Choice(position, "certified")
    if explore <= 0.0 or random is None:
        return best
    within = [
        at
        for at, loss in enumerate(possible)
        if at != best.position and able[at] and (at == last or loss < threshold)
    ]
    if not within:
        return best
    drawn = random()
    if drawn >= explore:
        return Choice(best.position, best.reason, 1.0 - explore)
    return Choice(within[int(drawn / explore * len(within))], "explored", explore / len(within))
