from __future__ import annotations

import pytest

from pointsman.limits import Scope, make_limit
from pointsman.limits.queue.snapshot import count_queued, lane_row, queue_view
from pointsman.limits.turns.lane import Lane
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.limit import Level
from pointsman.limits.values.ticket import Ticket

RPM = make_limit(Scope("model", "m"), "rpm", 60)
SLOTS = make_limit(Scope("model", "m"), "concurrency", 1)


@pytest.fixture
def lane() -> Lane:
    made = Lane("lane", 0)
    for seq, key in enumerate("aab"):
        ticket = Ticket((RPM,), (1, 0, 0, 0, 0, 0, 1), key=key, lane="lane", at_us=seq, deadline_us=9)
        ticket.seq = seq
        made.place(made.push(ticket))
    return made


def test_a_lane_is_clear_when_the_last_of_it_has_started(lane: Lane) -> None:
    row = lane_row(lane, [Level(RPM, 60, 0, 60_000_000)], Seen(), 2_000_000)
    assert (row.name, row.waiting, row.by_key) == ("lane", 3, {"a": 2, "b": 1})
    assert (row.oldest_seconds, row.clear_in_seconds) == (2.0, 3.0)


def test_when_it_is_clear_may_be_unknown(lane: Lane) -> None:
    assert lane_row(lane, [Level(SLOTS, 1, 1, 0)], Seen(), 0).clear_in_seconds is None


def test_nobody_stands_before_a_limit_before_it_was_asked_for(lane: Lane) -> None:
    queued: dict[str, int] = {}
    count_queued(lane, queued)
    assert queued == {}


def test_lanes_that_came_or_emptied_while_their_limits_were_looked_at_are_left_out(lane: Lane) -> None:
    empty = Lane("empty", 1)
    view = queue_view(
        {"lane": lane, "empty": empty, "new": lane},
        {"lane": [Level(RPM, 60, 0, 60_000_000)], "empty": [], "gone": []},
        Seen(),
        2_000_000,
        max_waiting=9,
        late=1,
    )
    assert [row.name for row in view.lanes] == ["lane"]
    assert (view.waiting, view.max_waiting, view.late) == (6, 9, 1)
