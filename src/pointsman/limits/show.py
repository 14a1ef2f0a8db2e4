"""What stores, queue and book know, put together for people to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from .queue.snapshot import QueueView
from .request.book import UNBOUNDED, Learned
from .values.limit import PAUSE, Level
from .values.view import LaneRow, LimitRow, LimitsView, limit_row

_PACED = "/paced"
"""How the ids end of what ``found.py`` makes up besides limits proper."""


def limits_view(
    levels: Iterable[Level],
    queue: QueueView,
    learned: Iterable[Learned],
    *,
    at_us: int,
    now_us: int,
    key_names: Mapping[str, str] | None = None,
    store: str = "memory",
    trouble: str = "",
) -> LimitsView:
    """The view at one moment.

    Args:
        at_us: now, as Unix time.
        now_us: now by the monotonic clock of the book.
        key_names: names by the ids of keys.
        store, trouble: see ``LimitsView``.
    """
    names = key_names or {}
    levels = [level for level in levels if level.limit.amount < UNBOUNDED]
    pauses = {level.limit.id: level for level in levels if level.limit.id.endswith(PAUSE)}
    by_id = {one.limit.id: one for one in learned}
    return LimitsView(
        at_us=at_us,
        limits=tuple(
            _row(level, queue, by_id, names, at_us - now_us)
            for level in _told_once(levels)
            if level.limit.id not in pauses
        ),
        lanes=tuple(_lane(lane, names) for lane in queue.lanes if lane.waiting),
        pauses={
            level.limit.scope.name: level.free_at_us / 1e6 for level in pauses.values() if level.used > 0
        },
        waiting=queue.waiting,
        max_waiting=queue.max_waiting,
        late=queue.late,
        store=store,
        trouble=trouble,
    )


def _told_once(levels: Sequence[Level]) -> list[Level]:
    """A rate that was found out is also held back evenly, by a bucket of its own: that is no second limit."""
    proper = {
        (level.limit.scope, level.limit.dimension, level.limit.amount)
        for level in levels
        if not level.limit.id.endswith(_PACED)
    }
    return [
        level
        for level in levels
        if not level.limit.id.endswith(_PACED)
        or (level.limit.scope, level.limit.dimension, level.limit.amount) not in proper
    ]


def _row(
    level: Level, queue: QueueView, learned: Mapping[str, Learned], names: Mapping[str, str], offset_us: int
) -> LimitRow:
    limit = level.limit
    known = learned.get(limit.id) if limit.source == "learned" else None
    return limit_row(
        level,
        name=names.get(limit.scope.name, "") if limit.scope.kind == "key" else "",
        queued=queue.queued.get(limit.id, 0),
        learned_from="" if known is None else known.origin,
        learned_at_us=None if known is None else known.seen_us + offset_us,
    )


def _lane(lane: LaneRow, names: Mapping[str, str]) -> LaneRow:
    by_key: dict[str, int] = {}
    for key, count in lane.by_key.items():
        name = names.get(key, key)
        by_key[name] = by_key.get(name, 0) + count
    return msgspec.structs.replace(lane, by_key=by_key)
