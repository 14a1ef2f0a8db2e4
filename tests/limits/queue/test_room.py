from __future__ import annotations

import pytest

from pointsman.limits.queue.room import Room
from pointsman.limits.values.limit import NOTHING
from pointsman.limits.values.ticket import Ticket


def ticket(key: str = "a", deadline_us: int = 10) -> Ticket:
    return Ticket((), NOTHING, key=key, lane="lane", at_us=0, deadline_us=deadline_us)


def test_who_has_left_is_forgotten() -> None:
    room = Room[str](10)
    first, second = ticket(), ticket("b")
    room.join(first, "one")
    room.join(second, "two")
    assert (len(room), room.find(first), room.empty) == (2, "one", False)
    assert (room.leave(first), room.leave(first), room.find(first)) == ("one", None, None)
    assert room.leave(second) == "two"
    assert (len(room), room.empty) == (0, True)


@pytest.mark.parametrize(
    ("keys", "others", "own"),
    [
        ("", True, True),
        ("aaa", True, True),
        ("aaaa", True, False),
        ("aaabb", True, False),
        ("bbbbbb", False, False),
    ],
)
def test_a_key_takes_twice_what_is_left_at_most(keys: str, others: bool, own: bool) -> None:
    room = Room[str](6)
    for key in keys:
        room.join(ticket(key), "")
    assert (room.has_place("c"), room.has_place("a")) == (others, own)


def test_whose_deadline_is_past_comes_in_its_order() -> None:
    room = Room[str](10)
    tickets = [ticket(deadline_us=deadline_us) for deadline_us in (30, 10, 20, 40)]
    for each in tickets:
        room.join(each, "")
    tickets[1].gone = True
    room.leave(tickets[1])
    assert room.next_deadline_us() == 20
    found = []
    for each in room.overdue(30):
        room.leave(each)
        found.append(each.deadline_us)
    assert found == [20, 30]
    assert room.next_deadline_us() == 40
    room.leave(tickets[3])
    assert room.next_deadline_us() is None
