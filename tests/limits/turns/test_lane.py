from __future__ import annotations

from pointsman.limits import NOTHING
from pointsman.limits.turns.lane import Lane
from pointsman.limits.values.ticket import Ticket


def ticket(
    lane: Lane, seq: int, key: str, cost: int = 10, priority: int = 0, deadline: int = 10**9
) -> Ticket:
    made = Ticket((), NOTHING, key=key, lane=lane.name, at_us=0, deadline_us=deadline, priority=priority)
    made.seq, made.cost = seq, cost
    lane.place(lane.push(made))
    return made


def order(lane: Lane) -> list[int]:
    found = []
    while (first := lane.first()) is not None:
        found.append(first.seq)
        lane.start(lane.flows[first.key], first, 0)
    return found


def test_keys_take_turns_and_the_cheap_ones_more_of_them() -> None:
    lane = Lane("lane", 0)
    for seq, (key, cost) in enumerate([("a", 10), ("a", 10), ("a", 10), ("b", 5), ("b", 5), ("b", 5)]):
        ticket(lane, seq, key, cost)
    assert order(lane) == [0, 3, 4, 1, 5, 2]
    assert lane.flows == {}


def test_priority_goes_before_time_within_a_key() -> None:
    lane = Lane("lane", 0)
    for seq, priority in enumerate([3, 1, 2, 1]):
        ticket(lane, seq, "a", priority=priority)
    assert order(lane) == [1, 3, 2, 0]


def test_who_left_is_passed_over_and_counts_for_nothing() -> None:
    lane = Lane("lane", 0)
    tickets = [ticket(lane, seq, "a") for seq in range(4)]
    flow = lane.flows["a"]
    for gone in (tickets[0], tickets[2]):
        flow.remove(gone)
        lane.place(flow)
    assert (flow.load.count, flow.load.cost) == (2, 20)
    assert [each.seq for each in lane.tickets()] == [1, 3]
    assert order(lane) == [1, 3]


def test_what_turned_out_dearer_puts_a_key_back_step_by_step() -> None:
    lane = Lane("lane", 0)
    for seq in range(6):
        ticket(lane, seq, "ab"[seq % 2])
    first = lane.first()
    assert first is not None
    lane.start(lane.flows["a"], first, 0)
    lane.correct("a", 80)
    assert order(lane) == [1, 2, 3, 5, 4], "with its next start it pays an eighth, as much as that start"
    assert lane.fair.debts == {"a": 62}, "and of the rest an eighth with the one after"


def test_who_would_be_late_goes_first_but_not_for_ever() -> None:
    lane = Lane("lane", 0)
    for seq in range(12):
        ticket(lane, seq, "a", deadline=500 if seq > 6 else 10**9)
    found = []
    while (first := lane.first()) is not None:
        lane.look_for_urgent(600)
        first = lane.first()
        assert first is not None
        found.append(first.seq)
        lane.start(lane.flows["a"], first, 600)
    assert found == [7, 8, 9, 0, 10, 11, 1, 2, 3, 4, 5, 6]
