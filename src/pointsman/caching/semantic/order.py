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
    for most in (len(left) + len(right), 1):
        ours, owned_left = _possessed(left, most)
        theirs, owned_right = _possessed(right, most)
        # the folder of the files are no files in the folder: what is owned here must stand by its owner there
        beside = owned_left <= _joined(theirs) and owned_right <= _joined(ours)
        if beside and _ordered(ours, shared) == _ordered(theirs, shared):
            return True
    return False


def _ordered(words: Sequence[Weighed], shared: set[str]) -> list[str]:
    return [each.key for each in words if each.key in shared and CALENDAR.get(each.word) not in _ANYWHERE]


def _joined(words: Sequence[Weighed]) -> set[str]:
    return {each.key for each in words if each.joined}


def _possessed(words: Sequence[Weighed], most: int) -> tuple[list[Weighed], set[str]]:
    """ "X of Y" and "X for Y" as "Y X", and what was owned.

    Args:
        most: words of an owner. "Leaves of tomatoes turn yellow" does not tell where it ends.
    """
    found, all_owned = list(words), set[str]()
    at = 1
    while at < len(found):
        if found[at].tie not in ("of", "for"):
            at += 1
            continue
        end = at + 1
        while end < len(found) and found[end].joined and end - at < most:
            end += 1
        start = at - 1
        while start and found[start].joined:
            start -= 1
        owner, owned = found[at:end], found[start:at]
        first = msgspec.structs.replace(owner[0], tie=owned[0].tie, joined=owned[0].joined)
        then = msgspec.structs.replace(owned[0], tie="", joined=True)
        found[start:end] = [first, *owner[1:], then, *owned[1:]]
        all_owned.add(then.key)
        at = end
    return found, all_owned
