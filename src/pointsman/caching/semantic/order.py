"""Who does what to whom: the order of words. Pure.

"Do dogs chase cats?" and "Do cats chase dogs?" have the same words, and vectors of letters see no difference
at all. So the words of weight that two texts share must come in the same order: it would take a parser to
find out where that does not matter, and where it does, the answer is wrong. Two things need none: "the date
of my flight" is also read as "my flight date", and "today" may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .tables import CALENDAR
from .weight import Weighed

_ANYWHERE = frozenset({"today", "tomorrow", "yesterday", "now"})


def same_order(left: tuple[Weighed, ...], right: tuple[Weighed, ...]) -> bool:
    shared = {each.key for each in left} & {each.key for each in right}
    if _ordered(left, shared) == _ordered(right, shared):
        return True
    return _ordered(_possessed(left), shared) == _ordered(_possessed(right), shared)


def _ordered(words: Sequence[Weighed], shared: set[str]) -> list[str]:
    return [each.key for each in words if each.key in shared and CALENDAR.get(each.word) not in _ANYWHERE]


def _possessed(words: Sequence[Weighed]) -> list[Weighed]:
    """ "X of Y" as "Y X"."""
    found = list(words)
    at = 1
    while at < len(found):
        if found[at].tie != "of":
            at += 1
            continue
        end = at + 1
        while end < len(found) and found[end].joined:
            end += 1
        start = at - 1
        while start and found[start].joined:
            start -= 1
        owner, owned = found[at:end], found[start:at]
        first = msgspec.structs.replace(owner[0], tie=owned[0].tie, joined=owned[0].joined)
        then = msgspec.structs.replace(owned[0], tie="", joined=True)
        found[start:end] = [first, *owner[1:], then, *owned[1:]]
        at = end
    return found
