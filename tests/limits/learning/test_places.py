from __future__ import annotations

from pointsman.limits.learning.history import History
from pointsman.limits.learning.places import HOLD_US, STRIKES, Places

S = 1_000_000


def history(requests: int) -> History:
    made = History(0)
    made.add(requests, 0, S)
    return made


def test_a_refusal_is_put_down_to_calls_under_way_where_most_of_what_was_sent_is() -> None:
    assert Places().suspects(10, history(12), 2 * S)
    assert not Places().suspects(10, history(100), 2 * S)
    assert not Places().suspects(1, history(1), 2 * S), "one call is no crowd"


def test_refusals_at_the_same_number_of_calls_are_put_down_to_it() -> None:
    places = Places()
    assert not places.suspects(20, history(100), 2 * S)
    assert places.suspects(20, history(160), 2 * S)


def test_calls_that_no_bucket_counts_are_left_room_for_until_they_end() -> None:
    places = Places()
    places.refuse(5, S, 2 * S)
    amounts = [places.amount()]
    while places.old:
        assert places.end(S)
        amounts.append(places.amount())
    assert amounts == [1, 1, 2, 3, 4, 5]
    assert not places.end(S)


def test_it_grows_by_one_after_a_while_and_waits_longer_after_each_refusal() -> None:
    places = Places()
    places.refuse(5, S, 2 * S, counted=True)
    now = 2 * S + HOLD_US
    assert not places.grow(now - 1)
    assert places.grow(now)
    assert places.amount() == 6
    places.refuse(5, now, now + S)
    assert places.amount() == 5
    assert not places.grow(now + S + HOLD_US), "twice as long now"
    assert places.grow(now + S + 2 * HOLD_US)


def test_it_is_given_up_where_fewer_calls_are_refused_too() -> None:
    places = Places()
    places.refuse(20, S, 2 * S, counted=True)
    for strike in range(STRIKES):
        assert places.amount() is not None
        places.refuse(17 - strike, (3 + 2 * strike) * S, (4 + 2 * strike) * S)
    assert places.amount() is None
    assert not places.suspects(20, history(20), 9 * S)


def test_the_pause_doubles_until_a_call_goes_through() -> None:
    places = Places()
    pauses = [places.refuse(5, second * S, second * S + 1, counted=True) for second in range(1, 7)]
    assert pauses == [500_000, S, 2 * S, 4 * S, 4 * S, 4 * S]
    places.accept(8 * S)
    assert places.refuse(5, 9 * S, 9 * S + 1) == 500_000
