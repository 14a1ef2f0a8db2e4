"""The table of decisions, row by row, and what holds over all of its rows."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.resilience import (
    Candidate,
    Continue,
    GiveUp,
    Next,
    Outcome,
    Remedy,
    RetryPolicy,
    SendAgain,
    Verdict,
    decide,
)

POLICY = RetryPolicy(attempts=4, base_delay=1.0, max_delay=8.0, max_retry_after=30.0)
TO_OTHERS = RetryPolicy(attempts=4, on_refusal="next")
GOING_ON = RetryPolicy(attempts=4, continue_streams=True)
NOW = 100.0

AGAIN, ELSEWHERE = Outcome(Remedy.AGAIN), Outcome(Remedy.ELSEWHERE)
LARGER, REFUSED, NOTHING = Outcome(Remedy.LARGER), Outcome(Remedy.REFUSED), Outcome(Remedy.NOTHING)
BROKE = Outcome(Remedy.AGAIN, broke=True)
ASKED_5, ASKED_31 = Outcome(Remedy.AGAIN, 5.0), Outcome(Remedy.AGAIN, 31.0)

HERE, FRESH = Candidate(tries=1, window=1000), Candidate(window=1000)
SICK, LARGE, SMALL, ODD = (
    Candidate(healthy=False),
    Candidate(window=2000),
    Candidate(window=500),
    Candidate(window=None),
)
OUT = Candidate(ruled_out=True)
SPENT = Candidate(tries=1, may_retry=False)

ROWS: list[tuple[str, Outcome, list[Candidate], Verdict]] = [
    ("waits where there is nothing else", AGAIN, [HERE], SendAgain(0.5)),
    ("waits longer after the second try", AGAIN, [Candidate(tries=2)], SendAgain(1.0)),
    ("moves on rather than waits", AGAIN, [HERE, FRESH], Next(1, 0.0)),
    ("moves on although asked to wait", ASKED_5, [HERE, FRESH], Next(1, 0.0)),
    ("takes the first of the fresh", AGAIN, [HERE, FRESH, FRESH], Next(1, 0.0)),
    ("passes over the sick", AGAIN, [HERE, SICK, FRESH], Next(2, 0.0)),
    ("would rather wait than take the sick", AGAIN, [HERE, SICK], SendAgain(0.5)),
    ("but takes the sick before giving up", ELSEWHERE, [HERE, SICK], Next(1, 0.0)),
    ("Retry-After is a floor with jitter on top", ASKED_5, [HERE], SendAgain(5.5)),
    ("too long a Retry-After", ASKED_31, [HERE], GiveUp("retry_after")),
    ("too long a Retry-After, and another", ASKED_31, [HERE, FRESH], Next(1, 0.0)),
    ("comes back to the one that is ready soonest", ASKED_5, [HERE, Candidate(tries=1)], Next(1, 0.5)),
    ("heeds what another asked", AGAIN, [HERE, Candidate(tries=1, not_before=109.0)], SendAgain(0.5)),
    ("waits for another's limit", ASKED_5, [HERE, Candidate(not_before=102.0)], Next(1, 2.5)),
    ("the retry budget is used up", AGAIN, [SPENT], GiveUp("budget")),
    ("the budget holds back what was tried only", AGAIN, [SPENT, FRESH], Next(1, 0.0)),
    ("ruled out is out", AGAIN, [HERE, OUT], SendAgain(0.5)),
    ("never here again", ELSEWHERE, [HERE], GiveUp("no_candidate")),
    ("never here, but elsewhere", ELSEWHERE, [HERE, OUT, FRESH], Next(2, 0.0)),
    ("to a larger window", LARGER, [HERE, SMALL, FRESH, ODD, LARGE], Next(4, 0.0)),
    ("no larger window", LARGER, [HERE, SMALL, FRESH, ODD], GiveUp("no_candidate")),
    ("larger than what is not known", LARGER, [Candidate(tries=1), LARGE], GiveUp("no_candidate")),
    ("a refusal is an answer", REFUSED, [HERE, FRESH], GiveUp("refused")),
    ("the request is at fault", NOTHING, [HERE, FRESH], GiveUp("final")),
    ("a stream that broke before its first byte", BROKE, [HERE], SendAgain(0.5)),
]


def after(
    outcome: Outcome,
    candidates: list[Candidate],
    *,
    policy: RetryPolicy = POLICY,
    made: int = 1,
    deadline: float = inf,
    jitter: float = 0.5,
    forwarded: bool = False,
) -> Verdict:
    return decide(
        outcome,
        candidates,
        0,
        made=made,
        policy=policy,
        deadline=deadline,
        now=NOW,
        jitter=jitter,
        forwarded=forwarded,
    )


@pytest.mark.parametrize(
    ("outcome", "candidates", "verdict"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_the_table(outcome: Outcome, candidates: list[Candidate], verdict: Verdict) -> None:
    assert after(outcome, candidates) == verdict


def test_a_refusal_moves_only_if_told_to() -> None:
    assert after(REFUSED, [HERE, FRESH], policy=TO_OTHERS) == Next(1, 0.0)
    assert after(REFUSED, [HERE], policy=TO_OTHERS) == GiveUp("no_candidate")


def test_attempts_are_counted_over_all_candidates() -> None:
    assert after(AGAIN, [HERE, FRESH], made=3) == Next(1, 0.0)
    assert after(AGAIN, [HERE, FRESH], made=4) == GiveUp("attempts")


@pytest.mark.parametrize(
    ("candidates", "deadline", "verdict"),
    [
        ([HERE], 100.51, SendAgain(0.5)),
        ([HERE], 100.5, GiveUp("deadline")),
        ([HERE, FRESH], 100.1, Next(1, 0.0)),
        ([HERE, FRESH], 100.0, GiveUp("deadline")),
        ([HERE, Candidate(not_before=101.0)], 100.6, SendAgain(0.5)),
    ],
)
def test_no_wait_ends_after_the_deadline(
    candidates: list[Candidate], deadline: float, verdict: Verdict
) -> None:
    assert after(AGAIN, candidates, deadline=deadline) == verdict


@pytest.mark.parametrize("outcome", [AGAIN, ELSEWHERE, LARGER, BROKE, ASKED_5])
def test_nothing_is_sent_again_once_a_byte_was_forwarded(outcome: Outcome) -> None:
    assert after(outcome, [HERE, LARGE], forwarded=True) == GiveUp("forwarded")


def test_only_a_broken_stream_is_continued_and_only_if_told_to() -> None:
    assert after(BROKE, [HERE, FRESH], policy=GOING_ON, forwarded=True) == Continue(1)
    assert after(AGAIN, [HERE, FRESH], policy=GOING_ON, forwarded=True) == GiveUp("forwarded")


candidates_strategy = st.lists(
    st.builds(
        Candidate,
        window=st.none() | st.integers(1, 4),
        healthy=st.booleans(),
        tries=st.integers(0, 3),
        may_retry=st.booleans(),
        not_before=st.floats(90, 140),
        ruled_out=st.booleans(),
    ),
    min_size=1,
    max_size=5,
)
outcomes = st.builds(
    Outcome, remedy=st.sampled_from(Remedy), retry_after=st.none() | st.floats(0, 60), broke=st.booleans()
)


@given(
    outcome=outcomes,
    candidates=candidates_strategy,
    here=st.integers(0, 4),
    made=st.integers(1, 5),
    deadline=st.floats(90, 150) | st.just(inf),
    jitter=st.floats(0, 1, exclude_max=True),
    forwarded=st.booleans(),
    policy=st.sampled_from([POLICY, TO_OTHERS, GOING_ON]),
)
def test_what_holds_in_every_row(
    outcome: Outcome,
    candidates: list[Candidate],
    here: int,
    made: int,
    deadline: float,
    jitter: float,
    forwarded: bool,
    policy: RetryPolicy,
) -> None:
    here %= len(candidates)
    verdict = decide(
        outcome,
        candidates,
        here,
        made=made,
        policy=policy,
        deadline=deadline,
        now=NOW,
        jitter=jitter,
        forwarded=forwarded,
    )
    if isinstance(verdict, GiveUp):
        return
    assert outcome.remedy is not Remedy.NOTHING
    assert made < policy.attempts
    assert forwarded is isinstance(verdict, Continue)
    index = here if isinstance(verdict, SendAgain) else verdict.index
    chosen = candidates[index]
    assert chosen.may_retry and not chosen.ruled_out
    assert index != here or outcome.remedy is Remedy.AGAIN
    if not isinstance(verdict, Continue):
        assert NOW + verdict.wait < deadline
        floor = max(0.0, chosen.not_before - NOW)
        if index == here and outcome.retry_after is not None:
            floor = outcome.retry_after
        assert floor <= verdict.wait <= max(floor, policy.max_delay) + policy.base_delay
