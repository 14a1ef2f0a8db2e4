"""What a replica may take by itself: a table of cases, and that it never exceeds its share."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.limits import Amounts, Level, Limit, Scope, Shortage, make_limit
from pointsman.limits.shared.batch import Terms
from pointsman.limits.shared.shares import Shares
from pointsman.limits.values.limit import MINUTE_US

SECOND_US = 1_000_000
NOW = 50 * SECOND_US
TERMS = Terms(lease=10 * SECOND_US, grace=3 * SECOND_US, hold=120 * SECOND_US)
BEGIN = NOW + TERMS.grace
KEY = Scope("key", "k")
REFILL = make_limit(KEY, "tpm", 600)
ROLLING = make_limit(KEY, "tpm", 600, window="rolling")
SLOTS = make_limit(KEY, "concurrency", 10)


def tokens(count: int, calls: int = 1) -> Amounts:
    return (1, count, count, count, count, count, calls)


def a_quarter() -> Shares:
    """What one of four has, who heard of the store for the last time at ``NOW``."""
    shares = Shares(TERMS)
    shares.heard(250_000, NOW, NOW)
    return shares


def took(shares: Shares, limit: Limit, count: int, now: int) -> bool:
    return shares.reserve((limit,), tokens(count), now) is None


def test_nothing_is_lent_before_the_store_was_heard() -> None:
    assert Shares(TERMS).reserve((REFILL,), tokens(1), NOW) == Shortage(REFILL, None)


def test_a_bucket_begins_empty_after_the_grace() -> None:
    shares = a_quarter()
    assert shares.reserve((REFILL,), tokens(1), NOW) == Shortage(REFILL, 3 * SECOND_US + 400_000)
    assert shares.reserve((REFILL,), tokens(5), BEGIN) == Shortage(REFILL, 2 * SECOND_US)
    assert took(shares, REFILL, 5, BEGIN + 2 * SECOND_US)
    assert not took(shares, REFILL, 1, BEGIN + 2 * SECOND_US + 399_999)
    assert took(shares, REFILL, 1, BEGIN + 2 * SECOND_US + 400_000)


def test_a_bucket_holds_no_more_than_the_share() -> None:
    shares = a_quarter()
    late = BEGIN + 100 * SECOND_US
    assert shares.reserve((REFILL,), tokens(151), late) == Shortage(REFILL, None)
    assert took(shares, REFILL, 150, late)
    assert not took(shares, REFILL, 1, late)


def test_a_share_ends() -> None:
    shares = a_quarter()
    end = NOW + TERMS.hold
    assert took(shares, REFILL, 1, end - 1)
    assert shares.reserve((REFILL,), tokens(1), end) == Shortage(REFILL, None)
    assert shares.reserve((REFILL,), tokens(601), end) == Shortage(REFILL, None, never=True)


def test_a_bucket_gets_back_what_was_not_used() -> None:
    shares = a_quarter()
    now = BEGIN + 4 * SECOND_US
    assert took(shares, REFILL, 10, now)
    assert not took(shares, REFILL, 10, now)
    shares.settled(REFILL, 10, 0, now, lent=True)
    assert took(shares, REFILL, 10, now)
    shares.settled(REFILL, 10, 20, now, lent=True)
    assert shares.reserve((REFILL,), tokens(0), now) == Shortage(REFILL, 4 * SECOND_US)


def test_in_a_window_own_events_are_taken_again() -> None:
    shares = Shares(TERMS)
    shares.took((ROLLING,), tokens(20), NOW - 10 * SECOND_US)
    shares.took((ROLLING,), tokens(30), NOW - 5 * SECOND_US)
    shares.heard(250_000, NOW, NOW)
    assert not took(shares, ROLLING, 1, BEGIN)
    first = NOW + 50 * SECOND_US
    assert not took(shares, ROLLING, 20, first)  # its time is known to a tenth of a second, and rounded up
    assert took(shares, ROLLING, 20, first + 100_000)
    assert not took(shares, ROLLING, 1, first + 100_000)
    assert took(shares, ROLLING, 30, NOW + 55 * SECOND_US + 100_000)


def test_in_a_window_what_left_it_before_the_share_began_is_gone() -> None:
    shares = Shares(TERMS)
    shares.took((ROLLING,), tokens(20), BEGIN - MINUTE_US - SECOND_US)
    shares.heard(250_000, NOW, NOW)
    assert not took(shares, ROLLING, 1, BEGIN + 30 * SECOND_US)


def test_in_a_window_all_of_the_share_is_there_once_the_others_have_left_it() -> None:
    shares = a_quarter()
    free = BEGIN + MINUTE_US
    assert shares.reserve((ROLLING,), tokens(150), BEGIN) == Shortage(ROLLING, MINUTE_US)
    assert not took(shares, ROLLING, 1, free - 1)
    assert took(shares, ROLLING, 150, free)
    assert shares.reserve((ROLLING,), tokens(1), free).__class__ is Shortage
    assert [amount for _, amount, _ in shares.unknown_events(free, whole=False)] == [150]
    assert list(shares.unknown_events(free, whole=False)) == []
    assert [amount for _, amount, _ in shares.unknown_events(free, whole=True)] == [150]


def test_in_a_window_one_that_is_alone_has_all_but_what_it_took_itself() -> None:
    shares = Shares(TERMS)
    shares.took((ROLLING,), tokens(20), NOW - 10 * SECOND_US)
    shares.heard(1_000_000, NOW, NOW, alone_us=MINUTE_US)
    assert shares.reserve((ROLLING,), tokens(580), NOW) == Shortage(ROLLING, TERMS.grace)
    assert took(shares, ROLLING, 580, BEGIN)
    wait = Shortage(ROLLING, 47 * SECOND_US + 100_000)
    assert shares.reserve((ROLLING,), tokens(1), BEGIN) == wait, "what it took itself counts"


def test_in_a_window_one_that_others_have_just_left_waits_for_what_they_took() -> None:
    shares = Shares(TERMS)
    shares.heard(1_000_000, NOW, NOW, alone_us=20 * SECOND_US)
    assert not took(shares, ROLLING, 1, NOW + 40 * SECOND_US - 1)
    assert took(shares, ROLLING, 600, NOW + 40 * SECOND_US)


def test_slots_count_what_is_held() -> None:
    shares = Shares(TERMS)
    shares.took((SLOTS,), tokens(0, 2), NOW)
    shares.heard(250_000, NOW, NOW)
    assert shares.reserve((SLOTS,), tokens(0), BEGIN) == Shortage(SLOTS, None)
    shares.settled(SLOTS, 1, 1, NOW, lent=False)
    assert shares.reserve((SLOTS,), tokens(0), NOW) == Shortage(SLOTS, 3 * SECOND_US)
    assert shares.reserve((SLOTS,), tokens(0), BEGIN) is None
    assert shares.holdings() == [(SLOTS, 2)]
    assert shares.levels((SLOTS, REFILL), BEGIN) == [Level(SLOTS, 2, 2, 0), Level(REFILL, 0, 0, 0)]


def test_all_or_nothing() -> None:
    shares = a_quarter()
    now = BEGIN + SECOND_US
    short = shares.reserve((SLOTS, REFILL), tokens(3), now)
    assert short == Shortage(REFILL, 200_000)
    assert shares.holdings() == [(REFILL, 0)]
    assert not shares.used


def test_what_is_of_no_more_use_is_forgotten() -> None:
    shares = a_quarter()
    shares.took((ROLLING, SLOTS), tokens(1), NOW)
    shares.settled(ROLLING, 1, 1, NOW, lent=False)
    shares.settled(SLOTS, 1, 1, NOW, lent=False)
    shares.sweep(NOW + MINUTE_US)
    assert [limit for limit, _ in shares.holdings()] == [ROLLING]
    shares.sweep(NOW + MINUTE_US + SECOND_US)
    assert shares.holdings() == []


def test_a_bucket_that_is_in_use_is_not_forgotten() -> None:
    shares = a_quarter()
    now = BEGIN + 100 * SECOND_US
    assert took(shares, REFILL, 150, now)
    shares.settled(REFILL, 150, 150, now, lent=True)
    shares.sweep(now)
    assert not took(shares, REFILL, 1, now)
    shares.heard(250_000, now, now)
    shares.sweep(now)
    assert shares.holdings() == []


@given(
    amount=st.integers(1, 10_000),
    share=st.integers(0, 1_000_000),
    slack=st.sampled_from([0, 500_000, 2_000_000]),
    asked=st.lists(st.tuples(st.integers(0, 5_000_000), st.integers(0, 400)), max_size=60),
)
@settings(max_examples=150, deadline=None)
def test_no_more_than_the_share_flows(
    amount: int, share: int, slack: int, asked: list[tuple[int, int]]
) -> None:
    """From whenever to whenever, no more is taken than the share of what flows back and of a full bucket."""
    limit = make_limit(KEY, "tpm", amount, slack_us=slack)
    shares = Shares(TERMS)
    shares.heard(share, NOW, NOW)
    now, log = NOW, []
    for step, count in asked:
        now += step
        if took(shares, limit, count, now):
            log.append((now, count))
    for first in range(len(log)):
        for last in range(first, len(log)):
            taken = sum(count for _, count in log[first : last + 1]) * MINUTE_US * 1_000_000
            flowed = (log[last][0] - (BEGIN if first == 0 else log[first][0])) * amount * share
            assert taken <= flowed + (amount * share * (MINUTE_US - slack) if first else 0)
