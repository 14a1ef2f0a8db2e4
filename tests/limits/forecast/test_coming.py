from __future__ import annotations

import pytest

from pointsman.limits import Scope, make_limit
from pointsman.limits.forecast.coming import MEMORY_US, MOST_KEYS, Coming, taken
from pointsman.limits.turns.fair import ONE
from pointsman.limits.turns.lane import Lane
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.ticket import Ticket

RPM = make_limit(Scope("deployment", "acme/model"), "rpm", 60)
EACH = ONE // 60
AMOUNTS = (1.0, 0.0, 0.0, 0.0, 0.0, 7.0, 1.0)
SECOND = 1_000_000


def flood(seconds: float, every: float = 1.0, key: str = "b") -> tuple[Coming, int]:
    """Requests of one key at even intervals, and when the last of them came."""
    coming, now_us = Coming(), 0
    while now_us <= seconds * SECOND:
        coming.see("lane", key, EACH, AMOUNTS, now_us)
        now_us += round(every * SECOND)
    return coming, now_us - round(every * SECOND)


def lane(*keys: str) -> Lane:
    """With a request of each."""
    scheduler = Scheduler(Seen())
    for key in ("a", *keys):
        scheduler.join(
            Ticket((RPM,), (1, 0, 0, 0, 0, 7, 1), key=key, lane="lane", at_us=0, deadline_us=10**9)
        )
    return scheduler.lanes["lane"]


@pytest.mark.parametrize(
    ("seconds", "wait", "requests"), [(300, 10, 10), (300, 20, 20), (60, 10, 10), (5, 10, 5), (0, 10, 0)]
)
def test_as_many_will_come_as_came(seconds: float, wait: float, requests: float) -> None:
    coming, now_us = flood(seconds)
    found = taken(coming.rivals(lane(), "a", 1_000 * EACH, now_us), wait * SECOND)
    assert found[0] == pytest.approx(requests, rel=0.09)
    assert found[5] == pytest.approx(7 * requests, rel=0.09)


def test_those_who_come_in_one_moment_are_no_pace() -> None:
    coming = Coming()
    for _ in range(100):
        coming.see("lane", "b", EACH, AMOUNTS, SECOND)
    assert coming.rivals(lane(), "a", 100 * EACH, 2 * SECOND) == []


@pytest.mark.parametrize(("keys", "turn", "most"), [("", 5, 5), ("b", 5, 4), ("bbb", 5, 2), ("bbb", 3, 0)])
def test_they_take_no_more_than_comes_before_by_the_order(keys: str, turn: int, most: int) -> None:
    coming, now_us = flood(300, every=0.1)
    found = taken(coming.rivals(lane(*keys), "a", turn * EACH, now_us), 100 * SECOND)
    assert found[0] == pytest.approx(most)


def test_nobody_is_before_itself_and_lanes_are_apart() -> None:
    coming, now_us = flood(300)
    assert coming.rivals(lane(), "b", 10 * EACH, now_us) == []
    assert coming.rivals(Lane("other", 1), "a", 10 * EACH, now_us) == []


def test_what_is_long_ago_is_forgotten() -> None:
    coming, now_us = flood(300)
    later = coming.rivals(lane(), "a", 1_000 * EACH, now_us + 5 * MEMORY_US)
    assert taken(later, 10 * SECOND)[0] < 0.1


def test_who_is_careful_reckons_with_more() -> None:
    coming, now_us = flood(300)
    rivals = coming.rivals(lane(), "a", 1_000 * EACH, now_us)
    assert taken(rivals, 16 * SECOND, 2.0)[0] == pytest.approx(16 + 2 * 4, rel=0.05)
    assert taken([], 16 * SECOND, 2.0)[0] == 0


def test_only_so_many_are_remembered() -> None:
    coming = Coming()
    for at_us in (0, SECOND):
        for number in range(MOST_KEYS + 1):
            coming.see("lane", f"k{number}", EACH, AMOUNTS, at_us)
    assert len(coming.rivals(lane(), "a", 10 * EACH, SECOND)) <= MOST_KEYS
