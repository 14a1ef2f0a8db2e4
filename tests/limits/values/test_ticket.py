from __future__ import annotations

from pointsman.limits import NOTHING
from pointsman.limits.values.ticket import Place, Ticket


def test_a_ticket_is_itself_and_no_other() -> None:
    one, other = (Ticket((), NOTHING, key="a", lane="l", at_us=0, deadline_us=5) for _ in range(2))
    assert len({one, other}) == 2
    assert (one.weight, one.priority, one.gone) == (1.0, 0, False)
    assert not hasattr(one, "__dict__")


def test_a_place_can_be_unknown() -> None:
    assert Place(1, None) != Place(1, 0.0)


def test_the_same_again_has_the_same_patience() -> None:
    ticket = Ticket((), NOTHING, key="a", lane="lane", at_us=5, deadline_us=25, weight=2.0, priority=3)
    again = ticket.again(100)
    assert (again.at_us, again.deadline_us, again.weight, again.priority) == (100, 120, 2.0, 3)
