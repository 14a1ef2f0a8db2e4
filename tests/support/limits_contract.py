"""What every store of limits must do, to the unit. A test class inherits it, with a fixture "store".

The fixture gives a new, empty store each time, which takes its time from ``now_us``. A store that is asked
over a network comes wrapped, in something that waits for its answers. ``limits_oracle`` has random steps.
"""

from __future__ import annotations

from typing import Literal

import pytest

from pointsman.limits import Amounts, Level, Limit, LocalLimits, Reservation, Scope, Shortage, make_limit
from pointsman.limits.values.limit import MINUTE_US, Dimension

NOW = 1_790_000_000_000_000
SECOND_US = 1_000_000
KEY, DEPLOYMENT = Scope("key", "k"), Scope("deployment", "openai/gpt-6-luna")

Kind = Literal["refill", "rolling"]


def a_limit(dimension: Dimension, amount: int, kind: Kind = "refill", *, slack_us: int = 0) -> Limit:
    return make_limit(KEY, dimension, amount, window=kind, slack_us=slack_us)


def tokens(count: int) -> Amounts:
    """A request of so many tokens, however they are counted."""
    return (1, count, count, count, count, count, 1)


def taken(store: LocalLimits, limits: tuple[Limit, ...], count: int, now_us: int) -> Reservation:
    answer = store.reserve(limits, tokens(count), now_us)
    assert isinstance(answer, Reservation), answer
    return answer


def short(store: LocalLimits, limits: tuple[Limit, ...], count: int, now_us: int) -> Shortage:
    answer = store.reserve(limits, tokens(count), now_us)
    assert isinstance(answer, Shortage), answer
    return answer


def fits_then_and_not_before(store: LocalLimits, limit: Limit, count: int, now_us: int, wait_us: int) -> None:
    """It is told to wait for so long; that much later it fits, and not one microsecond before."""
    assert short(store, (limit,), count, now_us) == Shortage(limit, wait_us)
    assert short(store, (limit,), count, now_us + wait_us - 1) == Shortage(limit, 1)
    taken(store, (limit,), count, now_us + wait_us)


def level(store: LocalLimits, limit: Limit, now_us: int) -> tuple[int, int, int]:
    (found,) = store.levels([limit], now_us)
    assert found == Level(limit, found.used, found.reserved, found.free_at_us)
    return found.used, found.reserved, found.free_at_us


class LimitsContract:
    # What fits, and when.

    @pytest.mark.parametrize(
        ("limit", "first", "second", "wait_us"),
        [
            pytest.param(a_limit("rpm", 1), 0, 0, MINUTE_US, id="one a minute"),
            pytest.param(a_limit("tpm", 60), 60, 1, SECOND_US, id="a sixtieth flows back in a second"),
            pytest.param(a_limit("tpm", 60), 1, 60, SECOND_US, id="all of it needs a full bucket"),
            pytest.param(a_limit("tpm", 7), 7, 1, 8_571_429, id="a part of a microsecond is a whole one"),
            pytest.param(a_limit("tpm", 7), 7, 7, MINUTE_US, id="all that was taken, again"),
            pytest.param(a_limit("tpm", 100_000), 100_000, 333, 199_800, id="many"),
            pytest.param(a_limit("tpm", 200_000_000), 200_000_000, 1, 1, id="as many as anybody grants"),
            pytest.param(
                a_limit("tpm", 199_999_999), 199_999_999, 123_456_789, 37_037_037, id="and no rounding"
            ),
            pytest.param(a_limit("tpm", 60, slack_us=SECOND_US), 59, 1, SECOND_US, id="slack is held back"),
            pytest.param(a_limit("tpm", 60, slack_us=SECOND_US), 1, 60, SECOND_US, id="more than it holds"),
            pytest.param(a_limit("tpm", 60, slack_us=SECOND_US), 60, 1, 2 * SECOND_US, id="a debt"),
            pytest.param(a_limit("rpm", 1, slack_us=5 * SECOND_US), 0, 0, MINUTE_US, id="one, with slack"),
            pytest.param(a_limit("tpm", 5, slack_us=MINUTE_US), 2, 1, 24 * SECOND_US, id="nothing but slack"),
            pytest.param(a_limit("rpm", 1, "rolling"), 0, 0, MINUTE_US, id="one in any minute"),
            pytest.param(a_limit("tpm", 60, "rolling"), 60, 1, MINUTE_US, id="rolling: a whole minute"),
            pytest.param(
                a_limit("tpm", 60, "rolling", slack_us=SECOND_US), 1, 60, 61 * SECOND_US, id="and its slack"
            ),
            pytest.param(
                a_limit("tpm", 200_000_000, "rolling"), 200_000_000, 1, MINUTE_US, id="rolling: many"
            ),
        ],
    )
    def test_waits_are_exact(
        self, store: LocalLimits, limit: Limit, first: int, second: int, wait_us: int
    ) -> None:
        taken(store, (limit,), first, NOW)
        fits_then_and_not_before(store, limit, second, NOW, wait_us)

    @pytest.mark.parametrize("kind", ["refill", "rolling"])
    @pytest.mark.parametrize("slack_us", [0, SECOND_US])
    def test_a_new_limit_is_all_there(self, store: LocalLimits, kind: Kind, slack_us: int) -> None:
        taken(store, (a_limit("tpm", 60, kind, slack_us=slack_us),), 60, NOW)

    def test_time_fills_no_bucket_beyond_its_size(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60)
        taken(store, (limit,), 30, NOW)
        later = NOW + 100 * MINUTE_US
        taken(store, (limit,), 60, later)
        fits_then_and_not_before(store, limit, 1, later, SECOND_US)

    def test_the_parts_of_microseconds_add_up(self, store: LocalLimits) -> None:
        """A third of a token flows back every microsecond and is lost to nobody."""
        limit = a_limit("tpm", 20_000_000)
        now = NOW
        taken(store, (limit,), 20_000_000, now)
        for _ in range(100):
            fits_then_and_not_before(store, limit, 1, now, 3)
            now += 3
        assert level(store, limit, now)[0] == 20_000_000

    def test_a_window_rolls_event_by_event(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60, "rolling")
        for number, count in enumerate((10, 20, 30)):
            taken(store, (limit,), count, NOW + number * SECOND_US)
        now = NOW + 10 * SECOND_US
        assert short(store, (limit,), 10, now).wait_us == 50 * SECOND_US
        assert short(store, (limit,), 11, now).wait_us == 51 * SECOND_US
        assert short(store, (limit,), 31, now).wait_us == 52 * SECOND_US
        taken(store, (limit,), 10, NOW + MINUTE_US)
        assert short(store, (limit,), 60, NOW + MINUTE_US).wait_us == MINUTE_US

    def test_no_minute_has_more_than_the_limit(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 50, "rolling")
        log: list[tuple[int, int]] = []
        now = NOW
        for number in range(200):
            now += 1_234_567
            count = 1 + 7 * number % 13
            if isinstance(store.reserve((limit,), tokens(count), now), Reservation):
                log.append((now, count))
        assert len(log) > 30
        for at, _ in log:
            assert sum(count for other, count in log if at <= other < at + MINUTE_US) <= 50

    # Never, and who is waited for.

    @pytest.mark.parametrize(
        "limit",
        [a_limit("tpm", 60), a_limit("tpm", 60, "rolling"), a_limit("tpm", 60, slack_us=SECOND_US)],
        ids=["refill", "rolling", "slack"],
    )
    def test_more_than_the_limit_never_fits(self, store: LocalLimits, limit: Limit) -> None:
        assert short(store, (limit,), 61, NOW) == Shortage(limit, None, never=True)
        taken(store, (limit,), 60, NOW)

    def test_more_calls_at_once_than_there_may_be_never_fit(self, store: LocalLimits) -> None:
        limit = a_limit("concurrency", 2)
        assert store.reserve((limit,), (1, 0, 0, 0, 0, 0, 3), NOW) == Shortage(limit, None, never=True)

    def test_the_longest_wait_is_told_whatever_the_order(self, store: LocalLimits) -> None:
        quick, slow = a_limit("tpm", 600), a_limit("rpm", 1)
        taken(store, (quick, slow), 600, NOW)
        assert short(store, (quick, slow), 1, NOW) == Shortage(slow, MINUTE_US)
        assert short(store, (slow, quick), 1, NOW) == Shortage(slow, MINUTE_US)

    def test_of_equal_waits_the_first_is_told(self, store: LocalLimits) -> None:
        one, other = a_limit("rpm", 1), a_limit("tpm", 1)
        taken(store, (one, other), 1, NOW)
        assert short(store, (one, other), 1, NOW).limit == one
        assert short(store, (other, one), 1, NOW).limit == other

    def test_unknown_is_longer_than_any_wait_and_never_longer_still(self, store: LocalLimits) -> None:
        rate, slots, size = a_limit("rpm", 1), a_limit("concurrency", 1), a_limit("tpm", 10)
        taken(store, (rate, slots, size), 1, NOW)
        for both in ((rate, slots), (slots, rate)):
            assert short(store, both, 1, NOW) == Shortage(slots, None)
        for three in ((rate, slots, size), (size, slots, rate)):
            assert short(store, three, 11, NOW) == Shortage(size, None, never=True)

    # All or none.

    @pytest.mark.parametrize("full", [0, 1, 2, 3])
    def test_a_shortage_takes_nothing(self, store: LocalLimits, full: int) -> None:
        limits = (
            a_limit("rpm", 5),
            a_limit("tpm", 5, "rolling"),
            a_limit("output_tpm", 5, slack_us=SECOND_US),
            a_limit("concurrency", 1),
        )
        taken(store, (limits[full],), 5, NOW)
        for other in {0, 1, 2, 3} - {full}:
            store.reserve((limits[other], limits[full]), (5, 5, 5, 5, 5, 5, 1), NOW)
        before = store.levels(limits, NOW)
        assert isinstance(store.reserve(limits, (5, 5, 5, 5, 5, 5, 1), NOW), Shortage)
        assert store.levels(limits, NOW) == before
        assert [one.used for place, one in enumerate(before) if place != full] == [0, 0, 0]

    def test_no_limits_always_fit(self, store: LocalLimits) -> None:
        store.settle(taken(store, (), 5, NOW), tokens(5), NOW)

    def test_limits_of_others_are_left_alone(self, store: LocalLimits) -> None:
        mine, theirs = a_limit("rpm", 1), make_limit(Scope("key", "k2"), "rpm", 1)
        taken(store, (mine,), 1, NOW)
        taken(store, (theirs,), 1, NOW)
        assert short(store, (mine,), 1, NOW).limit == mine

    def test_every_limit_counts_its_own_place(self, store: LocalLimits) -> None:
        at_key: list[Dimension] = ["rpm", "input_tpm", "output_tpm", "tpm", "concurrency"]
        limits = [make_limit(KEY, dimension, 100) for dimension in at_key]
        limits += [make_limit(DEPLOYMENT, "input_tpm", 100), make_limit(DEPLOYMENT, "tpm", 100)]
        assert isinstance(store.reserve(tuple(limits), (1, 2, 3, 4, 5, 6, 7), NOW), Reservation)
        assert [one.used for one in store.levels(limits, NOW)] == [1, 2, 3, 4, 7, 5, 6]

    # Settling.

    @pytest.mark.parametrize(
        ("kind", "used", "wait_us"),
        [
            ("refill", 0, 0),
            ("refill", 20, 0),
            ("refill", 40, 20 * SECOND_US),
            ("refill", 60, 40 * SECOND_US),
            ("refill", 80, 60 * SECOND_US),
            ("refill", 200, 180 * SECOND_US),
            ("rolling", 20, 0),
            ("rolling", 21, 50 * SECOND_US),
            ("rolling", 200, 50 * SECOND_US),
        ],
    )
    def test_what_was_used_takes_the_place_of_what_was_reserved(
        self, store: LocalLimits, kind: Kind, used: int, wait_us: int
    ) -> None:
        limit = a_limit("tpm", 60, kind)
        reservation = taken(store, (limit,), 60, NOW)
        now = NOW + 10 * SECOND_US
        store.settle(reservation, tokens(used), now)
        if wait_us:
            fits_then_and_not_before(store, limit, 40, now, wait_us - 10 * SECOND_US * (kind == "refill"))
        else:
            taken(store, (limit,), 40, now)

    def test_a_refund_fills_no_bucket_beyond_its_size(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60)
        reservation = taken(store, (limit,), 60, NOW)
        now = NOW + 59 * SECOND_US
        store.settle(reservation, tokens(0), now)
        taken(store, (limit,), 60, now)
        assert short(store, (limit,), 1, now).wait_us == SECOND_US

    def test_a_bucket_that_has_long_been_full_saves_nothing_for_later_debts(self, store: LocalLimits) -> None:
        limit, later = a_limit("tpm", 60), NOW + 100 * MINUTE_US
        reservation = taken(store, (limit,), 10, NOW)
        store.settle(reservation, tokens(30), later)
        assert level(store, limit, later) == (20, 0, 20 * SECOND_US)
        later += 100 * MINUTE_US
        store.charge(limit, 30, later)
        assert level(store, limit, later) == (30, 0, 30 * SECOND_US)
        later += 100 * MINUTE_US
        store.settle(taken(store, (limit,), 60, later), tokens(60), later)
        assert level(store, limit, later) == (60, 0, MINUTE_US)

    @pytest.mark.parametrize("kind", ["refill", "rolling"])
    def test_settling_twice_is_settling_once(self, store: LocalLimits, kind: Kind) -> None:
        limits = (a_limit("tpm", 60, kind), a_limit("concurrency", 2))
        first, _ = taken(store, limits, 30, NOW), taken(store, limits, 30, NOW)
        store.settle(first, tokens(10), NOW)
        store.settle(first, tokens(0), NOW)
        assert level(store, limits[0], NOW)[:2] == (40, 30)
        assert level(store, limits[1], NOW) == (1, 1, 0)

    def test_a_settlement_after_its_window_changes_nothing(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60, "rolling", slack_us=SECOND_US)
        late, later = taken(store, (limit,), 10, NOW), taken(store, (limit,), 0, NOW)
        store.settle(late, tokens(60), NOW + 61 * SECOND_US)
        store.settle(later, tokens(60), NOW + 61 * SECOND_US)
        assert level(store, limit, NOW + 61 * SECOND_US) == (0, 0, 0)

    def test_what_was_not_foreseen_counts_from_the_reservation(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60, "rolling")
        reservation = taken(store, (limit,), 0, NOW)
        taken(store, (limit,), 5, NOW + SECOND_US)
        store.settle(reservation, tokens(60), NOW + 2 * SECOND_US)
        assert level(store, limit, NOW + 2 * SECOND_US) == (65, 5, 59 * SECOND_US)
        fits_then_and_not_before(store, limit, 55, NOW + 2 * SECOND_US, 58 * SECOND_US)

    def test_calls_of_the_same_microsecond_are_settled_apart(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60, "rolling")
        reservations = [taken(store, (limit,), 20, NOW) for _ in range(3)]
        for used, reservation in enumerate(reservations):
            store.settle(reservation, tokens(used), NOW)
        assert level(store, limit, NOW) == (3, 0, MINUTE_US)

    @pytest.mark.parametrize("kind", ["refill", "rolling"])
    def test_a_part_is_settled_apart_from_the_rest(self, store: LocalLimits, kind: Kind) -> None:
        key, places = a_limit("tpm", 60, kind), a_limit("concurrency", 1)
        upstream = make_limit(DEPLOYMENT, "tpm", 60, window=kind)
        rest = taken(store, (key, places, upstream), 50, NOW)
        part = rest.split(2)
        store.settle(rest, tokens(0), NOW)
        assert level(store, upstream, NOW) == (0, 0, 0)
        assert level(store, key, NOW)[:2] == (50, 50)
        assert level(store, places, NOW) == (1, 1, 0)
        taken(store, (upstream,), 60, NOW)
        store.settle(part, tokens(20), NOW)
        assert level(store, key, NOW)[:2] == (20, 0)
        assert level(store, places, NOW) == (0, 0, 0)
        assert level(store, upstream, NOW)[:2] == (60, 60)

    def test_slots_are_given_back_by_whoever_holds_them(self, store: LocalLimits) -> None:
        limit = a_limit("concurrency", 2)
        first, _ = taken(store, (limit,), 0, NOW), taken(store, (limit,), 0, NOW)
        assert short(store, (limit,), 0, NOW + 10 * MINUTE_US) == Shortage(limit, None)
        store.settle(first, (1, 0, 0, 0, 0, 0, 5), NOW + 10 * MINUTE_US)  # all that was reserved, and no more
        taken(store, (limit,), 0, NOW + 10 * MINUTE_US)
        assert short(store, (limit,), 0, NOW + 10 * MINUTE_US) == Shortage(limit, None)

    # Charging, changing, looking.

    def test_a_charge_may_leave_a_debt(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60)
        store.charge(limit, 150, NOW)
        assert level(store, limit, NOW) == (150, 0, 150 * SECOND_US)
        assert short(store, (limit,), 0, NOW).wait_us == 90 * SECOND_US
        fits_then_and_not_before(store, limit, 1, NOW, 91 * SECOND_US)

    def test_a_charge_counts_in_its_window(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60, "rolling")
        store.charge(limit, 61, NOW)
        assert level(store, limit, NOW) == (61, 0, MINUTE_US)
        fits_then_and_not_before(store, limit, 0, NOW, MINUTE_US)

    def test_slots_are_not_charged(self, store: LocalLimits) -> None:
        limit = a_limit("concurrency", 1)
        store.charge(limit, 1, NOW)
        taken(store, (limit,), 0, NOW)

    @pytest.mark.parametrize("kind", ["refill", "rolling"])
    def test_what_was_used_stays_used_when_the_limit_changes(self, store: LocalLimits, kind: Kind) -> None:
        taken(store, (a_limit("tpm", 60, kind),), 50, NOW)
        smaller, larger = a_limit("tpm", 40, kind), a_limit("tpm", 100, kind)
        assert isinstance(store.reserve((smaller,), tokens(0), NOW), Shortage)
        assert level(store, smaller, NOW)[0] == 50
        taken(store, (larger,), 50, NOW)
        assert isinstance(store.reserve((larger,), tokens(1), NOW), Shortage)

    def test_a_change_counts_from_the_one_who_brings_it(self, store: LocalLimits) -> None:
        old, new = a_limit("tpm", 60), a_limit("tpm", 30)
        reservation = taken(store, (old,), 60, NOW)
        assert level(store, new, NOW + 10 * SECOND_US)[0] == 50
        assert short(store, (new,), 30, NOW + 20 * SECOND_US).wait_us == 80 * SECOND_US
        store.settle(reservation, tokens(60), NOW + 20 * SECOND_US)
        assert level(store, new, NOW + 30 * SECOND_US)[0] == 35  # half a token a second, not one

    def test_slots_that_become_fewer_are_waited_for(self, store: LocalLimits) -> None:
        three, one = a_limit("concurrency", 3), a_limit("concurrency", 1)
        reservations = [taken(store, (three,), 0, NOW) for _ in range(2)]
        store.settle(reservations[0], tokens(0), NOW)
        assert short(store, (one,), 0, NOW) == Shortage(one, None)
        store.settle(reservations[1], tokens(0), NOW)
        taken(store, (one,), 0, NOW)

    def test_a_level_tells_what_is_used_and_what_of_it_is_held(self, store: LocalLimits) -> None:
        limit = a_limit("tpm", 60)
        assert level(store, limit, NOW) == (0, 0, 0)
        reservation = taken(store, (limit,), 40, NOW)
        store.charge(limit, 5, NOW)
        assert level(store, limit, NOW) == (45, 40, 45 * SECOND_US)
        assert level(store, limit, NOW + 1) == (45, 40, 45 * SECOND_US - 1)  # a part of a token is used still
        assert level(store, limit, NOW + 20 * SECOND_US) == (25, 25, 25 * SECOND_US)
        store.settle(reservation, tokens(50), NOW + 20 * SECOND_US)
        assert level(store, limit, NOW + 20 * SECOND_US) == (35, 0, 35 * SECOND_US)
