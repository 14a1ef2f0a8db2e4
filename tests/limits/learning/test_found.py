from __future__ import annotations

from msgspec.structs import replace

from pointsman.limits import MemoryLimits, Reservation, Shortage
from pointsman.limits.learning.found import ONE_BY_ONE, SAME, found_limits, is_other, pause_limit
from pointsman.limits.learning.watched import Watched
from pointsman.limits.request.book import UNBOUNDED
from pointsman.limits.values.limit import MINUTE_US

S = 1_000_000


def refused(*, twice: bool) -> Watched:
    watched = Watched("shop/m", 0)
    for n in range(60):
        watched.history.add(1, 100, n * S // 3)
    pause = watched.guess.refuse(20 * S, 100, None, 20 * S)
    if twice:
        watched.guess.refuse(21 * S + pause, 100, None, 21 * S + pause)
    return watched


def bounded(watched: Watched) -> dict[str, int]:
    found = found_limits(watched)
    return {limit.id.partition("/m/")[2]: limit.amount for limit in found if limit.amount < UNBOUNDED}


def test_the_same_limits_are_there_from_the_first_on() -> None:
    ids = [limit.id.partition("/m/")[2] for limit in found_limits(Watched("shop/m", 0))]
    assert ids == ["rpm/paced", "rpm/window", "tpm/paced", "tpm/window", "concurrency"]
    assert bounded(Watched("shop/m", 0)) == {}
    assert [limit.id.partition("/m/")[2] for limit in found_limits(refused(twice=True))] == ids


def test_a_window_is_kept_only_where_one_was_found() -> None:
    assert list(bounded(refused(twice=False))) == ["rpm/paced"]
    assert list(bounded(refused(twice=True))) == ["rpm/paced", "rpm/window"]


def test_calls_at_once_are_held_to_what_was_found() -> None:
    watched = Watched("shop/m", 0)
    watched.places.refuse(7, S, S, counted=True)
    assert bounded(watched) == {"rpm/paced": ONE_BY_ONE, "concurrency": 7}
    watched.places.accept(2 * S)
    assert bounded(watched) == {"concurrency": 7}


def test_small_changes_are_not_worth_telling() -> None:
    limit = found_limits(refused(twice=False))[0]
    before, near, far = (
        replace(limit, amount=amount) for amount in (10_000, 10_000 + int(9_000 * SAME), 11_000)
    )
    assert not is_other(before, near)
    assert is_other(before, far)


def test_a_pause_holds_for_exactly_as_long_as_it_was_charged() -> None:
    store, limit = MemoryLimits(), pause_limit("shop/m")
    store.charge(limit, 5 * S, S)
    short = store.reserve((limit,), (1, 0, 0, 0, 0, 0, 0), S)
    assert isinstance(short, Shortage)
    assert short.wait_us == 5 * S
    assert isinstance(store.reserve((limit,), (1, 0, 0, 0, 0, 0, 0), 6 * S), Reservation)
    assert limit.amount == MINUTE_US
