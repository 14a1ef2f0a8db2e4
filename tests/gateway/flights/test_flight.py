"""Who rides in a flight, and for whom the call is made."""

from __future__ import annotations

import pytest

from pointsman.errors import InvalidRequest, PointsmanError, RateLimited, UpstreamUnavailable
from tests.support.flight_books import Books, a_call


def test_it_is_made_for_the_first_who_is_there_and_told_only_by_the_flight_to_stop() -> None:
    books = Books()
    first, second, _ = books.board(3)
    first.leave()
    made = books.make()
    assert second.makes and made.arrival.request_id == "req_1"
    assert made.arrival.leave is books.flight.leave
    assert made.attempts is not second.call.attempts and made.cache == "miss"
    assert {rider.call.made for rider in books.flight.riders} == {made}


@pytest.mark.parametrize(
    ("error", "asked", "own"),
    [
        (RateLimited("full"), False, True),
        (RateLimited("late"), True, True),
        (InvalidRequest("x-pointsman-priority"), False, True),
        (UpstreamUnavailable("down"), True, False),
    ],
)
def test_what_is_the_makers_alone(error: PointsmanError, asked: bool, own: bool) -> None:
    books = Books()
    books.board(2)
    made = books.make()
    if asked:
        made.open_attempt(0.0)
    assert books.flight.is_own(error) is own


def test_nobody_is_left_to_hand_on_to() -> None:
    books = Books()
    _, second = books.board(2)
    books.make()
    second.leave()
    assert not books.flight.is_own(RateLimited("full"))


def test_the_next_one_makes_it_and_the_first_has_an_entry_of_its_own() -> None:
    books = Books()
    first, second = books.board(2)
    books.make()
    error = RateLimited("no room")
    books.flight.hand_on(error)
    assert first.error is error and second.error is None
    assert [(e.request_id, e.status, e.outcome) for e in books.entries.values()] == [("req_0", 429, "error")]
    assert books.flight.open
    books.answered(books.make(), 7)
    assert books.entries["req_1"].cost == 7 and second.makes


def test_who_gets_off_is_booked_by_itself() -> None:
    books = Books()
    books.board(1)
    books.make()
    off = books.flight.board(a_call(1))
    books.flight.get_off(off)
    assert (off.call.rider, off.call.settled, off.call.cache) == (None, False, "miss")
    assert off.seat.gone and books.flight.following.seats == 1
