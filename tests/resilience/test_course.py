"""The course of one request: what it remembers from attempt to attempt."""

from __future__ import annotations

from math import inf

from pointsman.resilience import Course, GiveUp, Next, Outcome, Place, Remedy, RetryPolicy, SendAgain, Verdict

POLICY = RetryPolicy(attempts=6, base_delay=1.0)
AGAIN = Outcome(Remedy.AGAIN)
ACCOUNT = Outcome(Remedy.ELSEWHERE, provider_wide=True)
UNKNOWN_MODEL = Outcome(Remedy.ELSEWHERE)
PLACES = (Place("a"), Place("a", 1000), Place("b", 500))


def failed(course: Course, outcome: Outcome, now: float = 100.0, *, forwarded: bool = False) -> Verdict:
    return course.failed(outcome, now=now, jitter=0.5, forwarded=forwarded)


def test_it_goes_from_place_to_place_and_then_back_to_the_one_ready_first() -> None:
    course = Course(PLACES, POLICY, inf)
    assert failed(course, Outcome(Remedy.AGAIN, 3.0)) == Next(1, 0.0)
    assert course.here == 1
    assert failed(course, AGAIN) == Next(2, 0.0)
    assert failed(course, Outcome(Remedy.AGAIN, 9.0)) == Next(1, 0.5)
    assert failed(course, AGAIN, now=102.75) == Next(0, 0.75)
    assert course.made == 4


def test_an_account_that_is_refused_rules_out_all_that_is_had_with_it() -> None:
    course = Course(PLACES, POLICY, inf)
    assert failed(course, ACCOUNT) == Next(2, 0.0)
    assert failed(course, AGAIN) == SendAgain(0.5)
    assert failed(course, UNKNOWN_MODEL) == GiveUp("no_candidate")


def test_a_model_that_is_not_known_rules_out_one_place() -> None:
    course = Course(PLACES, POLICY, inf)
    assert failed(course, UNKNOWN_MODEL) == Next(1, 0.0)


def test_a_second_deployment_of_a_provider_is_a_retry_for_its_budget() -> None:
    course = Course(PLACES, POLICY, inf)
    assert [course.is_retry(index) for index in range(3)] == [False, False, False]
    verdict = course.failed(AGAIN, now=100.0, jitter=0.5, may_retry=lambda provider: provider != "a")
    assert verdict == Next(2, 0.0)
    assert [course.is_retry(index) for index in range(3)] == [True, True, False]
    verdict = course.failed(AGAIN, now=100.0, jitter=0.5, may_retry=lambda provider: False)
    assert verdict == GiveUp("budget")


def test_the_sick_come_last() -> None:
    course = Course(PLACES, POLICY, inf)
    assert course.failed(AGAIN, now=100.0, jitter=0.5, healthy=lambda index: index == 2) == Next(2, 0.0)


def test_it_ends() -> None:
    course = Course(PLACES, RetryPolicy(attempts=2), inf)
    assert failed(course, AGAIN) == Next(1, 0.0)
    assert failed(course, AGAIN) == GiveUp("attempts")
    assert failed(Course(PLACES, POLICY, 99.0), AGAIN) == GiveUp("deadline")
    assert failed(Course(PLACES, POLICY, inf), AGAIN, forwarded=True) == GiveUp("forwarded")


def test_a_place_can_be_ruled_out_by_who_knows_better() -> None:
    course = Course(PLACES, POLICY, inf)
    course.rule_out(1)
    assert [course.ruled_out(index) for index in range(3)] == [False, True, False]
    assert failed(course, AGAIN) == Next(2, 0.0)
