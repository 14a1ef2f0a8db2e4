"""What a cache of so many places could do at best, and what plain recency does: the hits of a trace."""

from __future__ import annotations

from collections import OrderedDict
from heapq import heappop, heappush


def recency(trace: list[int], places: int) -> list[bool]:
    """LRU."""
    kept: OrderedDict[int, None] = OrderedDict()
    hits = []
    for question in trace:
        hit = question in kept
        hits.append(hit)
        if hit:
            kept.move_to_end(question)
        else:
            kept[question] = None
            if len(kept) > places:
                kept.popitem(last=False)
    return hits


def the_most_popular(trace: list[int], places: int, catalogue: int) -> list[bool]:
    """Those that come most often, kept from the beginning: where each request comes on its own, no policy
    that does not know the future does better in the long run. Questions are numbered by how often they come,
    anew after each ``catalogue`` of them."""
    return [question % catalogue < places for question in trace]


def clairvoyant(trace: list[int], places: int) -> list[bool]:
    """Belady's: what is needed last goes first, also if that is the newest. Needs the future, so nothing that
    runs can do it."""
    never = len(trace)
    following = [never] * len(trace)
    last: dict[int, int] = {}
    for at in range(len(trace) - 1, -1, -1):
        following[at] = last.get(trace[at], never)
        last[trace[at]] = at
    kept: dict[int, int] = {}
    farthest: list[tuple[int, int]] = []
    hits = []
    for at, question in enumerate(trace):
        hits.append(question in kept)
        kept[question] = following[at]
        heappush(farthest, (-following[at], question))
        while len(kept) > places:
            when, other = heappop(farthest)
            if kept.get(other) == -when:
                del kept[other]
    return hits
