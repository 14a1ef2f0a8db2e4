from __future__ import annotations

import msgspec

from pointsman.limits.learning.found import pause_limit
from pointsman.limits.queue.snapshot import QueueView
from pointsman.limits.request.book import UNBOUNDED, Learned
from pointsman.limits.show import limits_view
from pointsman.limits.values.limit import Level, Scope, make_limit
from pointsman.limits.values.view import LaneRow

PLACE = Scope("deployment", "openai/gpt-4o")
CONFIGURED = make_limit(PLACE, "rpm", 60)
LEARNED = make_limit(PLACE, "tpm", 1000, window="rolling", source="learned")
OF_A_KEY = make_limit(Scope("key", "key_1"), "rpm", 5)
IDLE = QueueView(waiting=0, max_waiting=9, lanes=(), queued={}, late=0)
BUSY = QueueView(
    waiting=4,
    max_waiting=9,
    lanes=(
        LaneRow("openai/gpt-4o", 4, 1.5, 7.5, {"key_1": 3, "": 1}),
        LaneRow("openai/idle", 0, 0.0),
    ),
    queued={LEARNED.id: 4},
    late=2,
)


def test_each_limit_is_shown_with_who_waits_and_where_it_comes_from() -> None:
    levels = [Level(CONFIGURED, 1, 0, 5), Level(LEARNED, 900, 100, 0), Level(OF_A_KEY, 0, 0, 0)]
    learned = [Learned(LEARNED, "headers", since_us=10, seen_us=40)]
    view = limits_view(levels, BUSY, learned, at_us=1_000_050, now_us=50, key_names={"key_1": "team-a"})
    configured, found, key = view.limits
    assert (configured.source, configured.learned_from, configured.queued) == ("configured", "", 0)
    assert (found.source, found.learned_from, found.learned_at_us) == ("learned", "headers", 1_000_040)
    assert (found.used, found.held, found.queued) == (900, 100, 4)
    assert (key.kind, key.name) == ("key", "team-a")
    assert (view.waiting, view.max_waiting, view.late) == (4, 9, 2)


def test_lanes_are_told_by_the_names_of_keys_and_empty_ones_are_not() -> None:
    view = limits_view([], BUSY, [], at_us=1, now_us=1, key_names={"key_1": "team-a"})
    assert view.lanes == (LaneRow("openai/gpt-4o", 4, 1.5, 7.5, {"team-a": 3, "": 1}),)


def test_keys_of_the_same_name_are_put_together() -> None:
    lane = LaneRow("a", 3, 0.0, None, {"key_1": 2, "key_2": 1})
    queue = msgspec.structs.replace(IDLE, waiting=3, lanes=(lane,))
    view = limits_view([], queue, [], at_us=1, now_us=1, key_names={"key_1": "a", "key_2": "a"})
    assert view.lanes[0].by_key == {"a": 3}


def test_a_configured_limit_hides_that_another_was_learned() -> None:
    shown = Learned(msgspec.structs.replace(CONFIGURED, source="learned"), "message", 1, 1)
    view = limits_view([Level(CONFIGURED, 0, 0, 0)], IDLE, [shown], at_us=1, now_us=1, store="redis")
    assert (view.limits[0].learned_from, view.limits[0].learned_at_us) == ("", None)
    assert (view.store, view.trouble) == ("redis", "")


def test_what_holds_nothing_back_is_not_shown() -> None:
    unbounded = msgspec.structs.replace(LEARNED, amount=UNBOUNDED)
    assert limits_view([Level(unbounded, 5, 0, 0)], IDLE, [], at_us=1, now_us=1).limits == ()


def test_a_rate_that_is_also_paced_is_one_limit() -> None:
    paced = msgspec.structs.replace(LEARNED, id=f"{LEARNED.id}/paced", window="refill")
    other = msgspec.structs.replace(paced, amount=900)
    for first, shown in ((paced, [LEARNED.id]), (other, [other.id, LEARNED.id])):
        levels = [Level(first, 1, 0, 0), Level(LEARNED, 1, 0, 0)]
        view = limits_view(levels, IDLE, [], at_us=1, now_us=1)
        assert [row.id for row in view.limits] == shown
    alone = limits_view([Level(paced, 1, 0, 0)], IDLE, [], at_us=1, now_us=1)
    assert [row.id for row in alone.limits] == [paced.id]


def test_a_pause_is_told_as_such() -> None:
    pause = pause_limit("openai/gpt-4o")
    view = limits_view([Level(pause, 2_500_000, 0, 2_500_000)], IDLE, [], at_us=1, now_us=1)
    assert (view.limits, view.pauses) == ((), {"openai/gpt-4o": 2.5})
    assert limits_view([Level(pause, 0, 0, 0)], IDLE, [], at_us=1, now_us=1).pauses == {}
