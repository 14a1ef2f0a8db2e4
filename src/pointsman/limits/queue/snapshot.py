"""The queue as it stands, for people to look at. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pointsman.limits.forecast.eta import wait_us
from pointsman.limits.turns.lane import Lane
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.limit import Level
from pointsman.limits.values.view import LaneRow


class QueueView(msgspec.Struct, frozen=True):
    """The queue as it stands."""

    lanes: tuple[LaneRow, ...]
    queued: dict[str, int]
    """By the id of a limit: how many requests stand before it."""
    waiting: int
    max_waiting: int
    late: int
    """Since the start: requests that were let wait and did not start in time, since they were estimated
    wrongly."""


def queue_view(
    lanes: Mapping[str, Lane],
    levels: Mapping[str, Sequence[Level]],
    seen: Seen,
    now_us: int,
    *,
    max_waiting: int,
    late: int,
) -> QueueView:
    """All lanes. ``levels`` are those of their shared limits, by the name of the lane; while these were asked
    for, lanes may have come and gone."""
    rows, queued, waiting = list[LaneRow](), dict[str, int](), 0
    for name, lane in lanes.items():
        waiting += lane.waiting
        count_queued(lane, queued)
        if lane.waiting and name in levels:
            rows.append(lane_row(lane, levels[name], seen, now_us))
    return QueueView(tuple(rows), queued, waiting, max_waiting, late)


def lane_row(lane: Lane, levels: Sequence[Level], seen: Seen, now_us: int) -> LaneRow:
    """One lane. ``levels`` are those of its shared limits."""
    tickets = list(lane.tickets())
    waits = [
        wait_us(level, sum(ticket.likely[level.limit.place] for ticket in tickets), 0, seen)
        for level in levels
    ]
    known = [wait for wait in waits if wait is not None]
    return LaneRow(
        name=lane.name,
        waiting=len(tickets),
        oldest_seconds=max(0, now_us - min(ticket.at_us for ticket in tickets)) / 1_000_000,
        clear_in_seconds=max(known, default=0) / 1_000_000 if len(known) == len(waits) else None,
        by_key={flow.key: flow.load.count for flow in lane.flows.values()},
    )


def count_queued(lane: Lane, queued: dict[str, int]) -> None:
    """Add the requests of a lane to those that stand before each limit: a key's own, or that of the lane."""
    for flow in lane.flows.values():
        gate = flow.gate or lane.gate
        if gate is not None:
            queued[gate.limit.id] = queued.get(gate.limit.id, 0) + flow.load.count
