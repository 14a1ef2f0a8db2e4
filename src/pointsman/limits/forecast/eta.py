"""When a request will start, as far as can be told. Pure.

For each of its limits: how much is taken before it, and when what flows back covers that and its own amount.
The latest of these is the estimate. Before it are those who wait and have an earlier turn (``ahead.py``), and
those who will come and have one too (``coming.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, sqrt

import msgspec

from pointsman.limits.turns.lane import Lane
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.limit import MINUTE_US, NOTHING, Level, Limit, Shortage
from pointsman.limits.values.ticket import Ticket

from .ahead import Ahead, ahead_of, of_other_lanes
from .coming import Coming, taken

WaitFor = Callable[[Limit, int], int]
"""Microseconds until an amount would fit: at most the whole limit, and more than is free now."""

_AWAY = 0.7
"""Of the pace of a lane: rather let some wait in vain than leave a share unused."""
_ROUNDS, _CLOSE = 4, 0.01
"""Who comes while it waits makes it wait longer, so that more come: so many times, or until it is nearly the
same."""
DOUBT = 2.0
"""Standard deviations of the number of those who come later, for the careful estimate."""


class Estimate(msgspec.Struct, frozen=True):
    """When a request starts."""

    ahead: int
    """How many start before it in its lane, of those that wait already."""
    wait_us: int | None
    """None: nobody can tell."""
    limit: Limit | None
    """The one that is waited for longest; None if it need not wait."""
    careful_us: int | None = None
    """The same if more come than is likely."""


def estimate(
    scheduler: Scheduler,
    ticket: Ticket,
    levels: Sequence[Level],
    seen: Seen,
    wait_for: WaitFor | None = None,
    coming: Coming | None = None,
    now_us: int = 0,
    until_us: int | None = None,
) -> Estimate:
    """When a ticket starts, waiting already or not yet.

    Args:
        levels: of its limits, in their order.
        wait_for: asks the store about a rolling window; without it, what is in the window is taken to be
            spread evenly.
        coming: without it, if nobody else comes.
        until_us: as in ``ahead_of``.
    """
    ahead = ahead_of(scheduler, ticket, until_us)

    def wait(more: Sequence[float]) -> tuple[int | None, Limit | None]:
        return _longest(scheduler, ticket, levels, ahead, more, seen, wait_for)

    first, limit = wait(NOTHING)
    lane = scheduler.lanes.get(ticket.lane)
    if not first or coming is None or lane is None:
        return Estimate(ahead.count, first, limit, first)
    rivals = coming.rivals(lane, ticket.key, ahead.tag, now_us)
    found = [first, first]
    for place, doubt in enumerate((0.0, DOUBT)) if rivals else ():
        for _ in range(_ROUNDS):
            before = found[place]
            longer, limit = wait(taken(rivals, before, doubt))
            found[place] = max(before, longer or 0)
            if found[place] - before <= _CLOSE * before:
                break
    return Estimate(ahead.count, found[0], limit, max(found))


def _longest(
    scheduler: Scheduler,
    ticket: Ticket,
    levels: Sequence[Level],
    ahead: Ahead,
    more: Sequence[float],
    seen: Seen,
    wait_for: WaitFor | None,
) -> tuple[int | None, Limit | None]:
    """The longest wait for any limit, where ``more`` is taken before besides those who wait."""
    longest, of = 0, None
    for level in levels:
        limit = level.limit
        place, gate = limit.place, scheduler.gates.get(limit.id)
        before = ahead.own[place] if limit.scope.kind == "key" else ahead.amounts[place] + more[place]
        if gate is not None and gate.width > 1:
            before += of_other_lanes(scheduler, gate, ticket, ahead)
        wait = wait_us(level, before, ticket.amounts[place], seen, wait_for)
        if wait is None:
            return None, limit
        if wait > longest:
            longest, of = wait, limit
    return longest, of


def drift_of(found: Estimate, drift: float) -> float:
    """By what an estimate is to be multiplied, by what waits have turned out to be compared with those before
    it: answers that get longer than was reserved are in nobody's estimate. A rolling window opens at times
    that are known, so there only half of it is believed (in proportion)."""
    if not found.wait_us or not found.ahead or found.limit is None:
        return 1.0
    return drift if found.limit.window == "refill" else sqrt(drift)


def among_others(found: Estimate, told: Shortage | None, stretch: float, lane: Lane | None) -> Estimate:
    """An estimate where others wait for the same limits in other replicas, of whom nobody tells.

    Args:
        told: what the shared store said last to the first of the lane.
        stretch: how many times as long it took as was thought.
    """
    if found.wait_us is None:
        return found
    wait = found.wait_us * stretch
    if told is not None and told.away and lane is not None:  # the levels tell little then
        wait = max(wait, _AWAY * found.ahead * lane.pace_us)
    limit = found.limit or (told.limit if told is not None else None)
    return Estimate(found.ahead, round(wait), limit, round(wait))


def wait_us(level: Level, before: float, own: int, seen: Seen, wait_for: WaitFor | None = None) -> int | None:
    """Microseconds until one limit has given ``before`` to others, as they use it, and can give ``own``."""
    limit = level.limit
    if limit.window == "slots":
        return _slots(level, before + own, seen.hold_us(limit))
    if not own and not before:
        return 0
    work = before + own
    if limit.window == "refill":
        over = level.free_at_us + ceil(work * MINUTE_US / limit.amount) - MINUTE_US + limit.slack_us
        return max(0, over if before else min(over, level.free_at_us))
    return _rolling(level, ceil(work), wait_for)


def _slots(level: Level, wanted: float, hold_us: float | None) -> int | None:
    missing = wanted - (level.limit.amount - level.used)
    if missing <= 0:
        return 0
    return None if hold_us is None else ceil(missing * hold_us / level.limit.amount)


def _rolling(level: Level, work: int, wait_for: WaitFor | None) -> int:
    """What starts now is free again a window later: beyond one whole limit, the same again."""
    limit = level.limit
    window = MINUTE_US + limit.slack_us
    rounds = max(0, ceil(work / limit.amount) - 1)
    work -= rounds * limit.amount
    free = limit.amount - level.used
    if work <= free:
        return rounds * window
    if wait_for is not None:
        return rounds * window + wait_for(limit, work)
    return rounds * window + ceil(level.free_at_us * min(1.0, (work - free) / max(1, level.used)))
