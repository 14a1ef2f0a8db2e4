from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.costs.savings import REASONS, Reason, Weighed
from pointsman.costs.tally import Purpose, Tally, Uncompared, purpose_of, total


@pytest.mark.parametrize(
    ("requested", "purpose"),
    [
        ("auto", ("request", "default")),
        ("auto:support", ("request", "support")),
        ("shadow:default", ("shadow", "default")),
        ("judge:a:b", ("judge", "a:b")),
        ("auto:", None),
        ("shadow", None),
        ("judge:", None),
        ("claude-opus-5-5", None),
        ("preset:chat", None),
        ("autopilot", None),
        ("", None),
    ],
)
def test_what_a_request_was_for(requested: str, purpose: tuple[Purpose, str] | None) -> None:
    assert purpose_of(requested) == purpose


def test_shadows_and_judges_are_paid_by_what_is_saved() -> None:
    tally = Tally()
    tally.add(Weighed(10, 5, 40, 30, 50, "escalated", True))
    tally.add_call("shadow", 7)
    tally.add_call("shadow", None)
    tally.add_call("judge", 2)
    assert (tally.requests, tally.cost, tally.saved, tally.bounds) == (1, 24, 16, (6, 26))
    assert (tally.shadow_calls, tally.judge_calls, tally.calls_unknown, tally.estimated) == (2, 1, 1, 1)


def test_what_is_left_out_is_in_no_sum() -> None:
    tally = Tally()
    tally.leave_out("no answer", 3)
    tally.leave_out("no answer", None)
    tally.leave_out("cost unknown", None)
    assert (tally.requests, tally.cost, tally.saved) == (0, 0, 0)
    assert tally.uncompared["no answer"] == Uncompared(2, 3, 1)
    assert tally.left_out == Uncompared(3, 3, 2)


MONEY = st.integers(0, 10**15)
EVENTS = st.one_of(
    st.builds(Weighed, *[MONEY] * 5, how=st.sampled_from(["escalated", "as it is"]), estimated=st.booleans()),
    st.tuples(st.sampled_from(REASONS), st.none() | MONEY),
    st.tuples(st.sampled_from(["shadow", "judge"]), st.none() | MONEY),
)


def take(tally: Tally, event: Weighed | tuple[Reason | Purpose, int | None]) -> None:
    if isinstance(event, Weighed):
        tally.add(event)
    elif event[0] == "shadow" or event[0] == "judge":
        tally.add_call(event[0], event[1])
    elif event[0] != "request":
        tally.leave_out(event[0], event[1])


@given(st.lists(st.tuples(st.integers(0, 3), EVENTS)))
def test_the_sum_over_groups_is_the_total(events: list[tuple[int, Weighed]]) -> None:
    whole, groups = Tally(), {number: Tally() for number in range(4)}
    for group, event in events:
        take(whole, event)
        take(groups[group], event)
    assert total(groups.values()) == whole
    assert sum(group.saved for group in groups.values()) == whole.saved
