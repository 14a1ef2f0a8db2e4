"""Which deployment first: three orders, each a pure function from how things stand to positions.

All of them put deployments whose breaker is open last, the soonest to be ready first: if nothing else is
left, the least bad one is tried, since a refusal without an attempt helps nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import ceil, log

import msgspec

BOUND = 1.25
"""A deployment is full at this many times its fair share of what is in flight."""
FREE = 8
"""With fewer in flight than this it is never full, or three requests of one agent would lose their cache."""


class Standing(msgspec.Struct, frozen=True, gc=False):
    """How one deployment stands."""

    key: str
    """Its name; the same in all replicas and over restarts, since affinity is hashed from it."""
    weight: float = 1.0
    """Its share of the traffic relative to the others; 0 takes it out unless all others are open."""
    in_flight: int = 0
    ready_in: float = 0.0
    """Seconds until its breaker lets a call through; 0 now."""


def weighted(standings: Sequence[Standing], random: Callable[[], float]) -> list[int]:
    """A random order: each comes first with a probability proportional to its weight, and so on among the
    rest (Efraimidis, Spirakis: "Weighted random sampling with a reservoir", 2006). ``random``: in [0, 1)."""
    scores = [(_exponential(1.0 - random(), each.weight),) for each in standings]
    return _open_last(standings, scores)


def least_busy(standings: Sequence[Standing]) -> list[int]:
    """By requests in flight per weight; among equals the heavier first, then in the order given."""
    scores = [
        (each.in_flight / each.weight if each.weight > 0 else float("inf"), -each.weight)
        for each in standings
    ]
    return _open_last(standings, scores)


def affinity(
    standings: Sequence[Standing], digest: bytes, *, bound: float = BOUND, free: int = FREE
) -> list[int]:
    """The same prefix to the same deployment, so that the provider's prompt cache stays warm there.

    Weighted rendezvous hashing (Thaler, Ravishankar 1998; weights after Schindelhauer, Schomaker 2005):
    taking a deployment away moves only what was its own. A hot prefix spills over to its second choice when
    the first is full, that is, has ``bound`` times its fair share of all that is in flight, and at least
    ``free`` (Mirrokni, Thorup, Zadimoghaddam: "Consistent hashing with bounded loads", SODA 2018).
    """
    full = _full(standings, bound, free)
    scores = [
        (full[index], _exponential(_unit(digest, each.key), each.weight))
        for index, each in enumerate(standings)
    ]
    return _open_last(standings, scores)


def hold(standings: Sequence[Standing], order: list[int], holder: int) -> list[int]:
    """The same order with ``holder`` first, since it is known to have the prefix in its cache: unless it is
    open, taken out, or full as for ``affinity``."""
    each = standings[holder]
    if each.ready_in > 0.0 or each.weight <= 0 or _full(standings, BOUND, FREE)[holder]:
        return order
    return [holder, *(index for index in order if index != holder)]


def _full(standings: Sequence[Standing], bound: float, free: int) -> list[bool]:
    ready = [each for each in standings if each.ready_in <= 0.0]
    in_flight = 1 + sum(each.in_flight for each in ready)
    weights = sum(each.weight for each in ready)
    return [
        each.in_flight >= max(ceil(bound * in_flight * each.weight / weights) if weights > 0 else 0, free)
        for each in standings
    ]


def prefix_digest(*pieces: bytes) -> bytes:
    """What ``affinity`` goes by: the parts of a request that begin its prompt (tenant, model, tools, system,
    first message), told apart even where their ends move."""
    digest = blake2b(digest_size=16)
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big"))
        digest.update(piece)
    return digest.digest()


def _unit(digest: bytes, key: str) -> float:
    """A number in (0, 1], uniform over keys and digests, the same in every process."""
    hashed = blake2b(key.encode(), digest_size=8, key=digest).digest()
    return ((int.from_bytes(hashed, "big") >> 11) + 1) / 2.0**53


def _exponential(uniform: float, weight: float) -> float:
    """From uniform in (0, 1] to exponential with rate ``weight``: the least of several is each one's with a
    probability proportional to its weight."""
    return -log(uniform) / weight if weight > 0 else float("inf")


def _open_last(standings: Sequence[Standing], scores: Sequence[tuple[float, ...]]) -> list[int]:
    def rank(index: int) -> tuple[float, bool, tuple[float, ...]]:
        each = standings[index]
        return max(0.0, each.ready_in), each.weight <= 0, scores[index]

    return sorted(range(len(standings)), key=rank)
