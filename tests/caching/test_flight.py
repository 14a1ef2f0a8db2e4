"""Who waits for whom, and what becomes of each."""

from __future__ import annotations

import random

import pytest

from pointsman.caching.flight import Flights, Seat


class Rider:
    """A client: takes all that it is woken for."""

    def __init__(self, seat: Seat[int, str]) -> None:
        self.seat = seat
        self.had: list[int] = seat.take()
        self.led = 0
        seat.wake = self.woken

    def woken(self) -> None:
        self.had += self.seat.take()
        self.led += self.seat.leads and not self.seat.flight.ended


def boarded(flights: Flights[int, str], riders: int) -> list[Rider]:
    return [Rider(flights.board("k")) for _ in range(riders)]


def test_who_comes_first_leads_and_the_others_wait() -> None:
    flights: Flights[int, str] = Flights()
    riders = boarded(flights, 3)
    assert [rider.seat.leads for rider in riders] == [True, False, False]
    assert flights.board("other").leads
    assert (len(flights), riders[0].seat.flight.riders) == (2, 3)


def test_who_comes_late_gets_the_past_then_what_is_new() -> None:
    flights: Flights[int, str] = Flights()
    first = Rider(flights.board("k"))
    first.seat.flight.add(1)
    first.seat.flight.add(2)
    late = Rider(flights.board("k"))
    assert late.had == [1, 2]
    first.seat.flight.add(3)
    assert late.had == first.had == [1, 2, 3]
    over = [late.seat.over]
    first.seat.flight.land("whole")
    assert [*over, late.seat.over] == [False, True]
    assert late.seat.flight.result == "whole"
    assert len(flights) == 0


def test_what_has_landed_is_joined_no_more() -> None:
    flights: Flights[int, str] = Flights()
    first = flights.board("k")
    first.flight.land("whole")
    assert flights.board("k").flight is not first.flight
    first.flight.land("again")
    assert first.flight.result == "again"
    assert len(flights) == 1, "the end of the old one takes nothing from the new one"


def test_a_leader_that_leaves_breaks_nobody() -> None:
    flights: Flights[int, str] = Flights()
    riders = boarded(flights, 3)
    assert riders[0].seat.leave() is False
    assert riders[0].seat.leave() is False, "once"
    assert [rider.seat.leads for rider in riders] == [False, True, False]
    riders[1].seat.flight.add(7)
    assert (riders[0].had, riders[2].had) == ([], [7])
    assert riders[1].seat.leave() is False
    assert riders[2].seat.leave() is True, "nobody is left: the call is worth stopping"
    assert len(flights) == 0
    assert flights.board("k").leads


def test_a_failure_after_the_retries_is_everybodys() -> None:
    flights: Flights[int, str] = Flights()
    riders = boarded(flights, 2)
    flight = riders[0].seat.flight
    flight.add(1)
    error = RuntimeError("broke off")
    flight.fail(error)
    assert [rider.had for rider in riders] == [[1], [1]]
    assert flight.error is error
    assert all(rider.seat.over for rider in riders)
    assert len(flights) == 0


def test_a_leader_that_may_not_call_hands_on() -> None:
    flights: Flights[int, str] = Flights()
    riders = boarded(flights, 3)
    flight = riders[0].seat.flight
    own = RuntimeError("over its budget")
    assert flight.hand_on(own) is riders[1].seat
    assert (riders[0].seat.error, riders[0].seat.over, riders[1].seat.error) == (own, True, None)
    assert (riders[1].led, riders[0].seat.gone, flight.riders) == (1, True, 2)
    flight.add(1)
    assert (riders[1].had, riders[2].had) == ([1], [1])
    error = RuntimeError("no money either")
    assert flight.hand_on(error) is None, "something was said already"
    assert riders[2].seat.error is error


def test_a_lone_leader_that_may_not_call_is_the_end_of_it() -> None:
    flights: Flights[int, str] = Flights()
    seat = flights.board("k")
    assert seat.flight.hand_on(RuntimeError("over its budget")) is None
    assert len(flights) == 0


def test_a_past_that_is_too_long_is_not_joined() -> None:
    flights: Flights[int, str] = Flights(most=10)
    first = flights.board("k")
    first.flight.add(1, weight=10)
    assert flights.board("k").flight is first.flight
    first.flight.add(2, weight=1)
    assert flights.board("k").flight is not first.flight


def test_nothing_comes_after_the_end() -> None:
    flights: Flights[int, str] = Flights()
    seat = flights.board("k")
    seat.flight.land("whole")
    with pytest.raises(AssertionError, match="after the end"):
        seat.flight.add(1)


@pytest.mark.parametrize("block", range(0, 1000, 100))
def test_fifty_of_whom_any_may_leave_and_the_call_may_break_anywhere(block: int) -> None:
    """One call; who stays gets all of it, or all that came and the error; who leaves has had a beginning."""
    for seed in range(block, block + 100):
        _play(seed)


def _play(seed: int) -> None:
    dice = random.Random(seed)
    flights: Flights[int, str] = Flights()
    items, breaks = list(range(12)), dice.choice([None, dice.randrange(12)])
    riders = [Rider(flights.board("k"))]
    flight = riders[0].seat.flight
    leaver = dice.randrange(12)
    for item in items:
        riders += [Rider(flights.board("k")) for _ in range(4)]
        if item == leaver:
            assert riders[0].seat.leave() is False
        if dice.random() < 0.3:
            dice.choice(riders[1:]).seat.leave()
        if item == breaks:
            flight.fail(RuntimeError("broke off"))
            break
        flight.add(item)
    else:
        riders.append(Rider(flights.board("k")))
        flight.land("whole")
    assert len(flights) == 0
    assert {rider.seat.flight for rider in riders} == {flight}, "one call"
    came = items[:breaks]
    for rider in riders:
        had = rider.had if rider.seat.gone else came
        assert rider.had == had == came[: len(had)]
        assert rider.seat.gone or rider.seat.over
    assert (flight.result == "whole") is (breaks is None)
    assert (flight.error is None) is (breaks is None)
