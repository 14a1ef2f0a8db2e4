from __future__ import annotations

import logging
from random import Random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import UpstreamRateLimited
from pointsman.limits import (
    NOTHING,
    Amounts,
    Limit,
    LimitBook,
    LimitLearner,
    MemoryLimits,
    Reservation,
    Scope,
    Shortage,
)
from pointsman.limits.learning.learning import IDLE_US, MAX_DEPLOYMENTS
from pointsman.limits.request.book import SHAPES, UNBOUNDED, Ceilings
from tests.support.limited_provider import MINUTE, Provider, run

S = 1_000_000
NAME = "shop/m"
Hints = Literal["headers", "retry-after", "nothing"]


def told(limit: int, remaining: int | None = None, what: str = "requests") -> dict[str, str]:
    left = {} if remaining is None else {f"x-ratelimit-remaining-{what}": str(remaining)}
    return {f"x-ratelimit-limit-{what}": str(limit), **left}


def call(tokens: int = 100) -> Amounts:
    return (1, tokens, 0, tokens, tokens, tokens, 1)


class Rig:
    """A learner with its book and store, for one deployment."""

    def __init__(self, configured: Ceilings | None = None) -> None:
        scopes = {Scope("deployment", NAME): configured} if configured else {}
        self.book = LimitBook(scopes, {"shop": SHAPES["anthropic_messages"]})
        self.store = MemoryLimits()
        self.revised: list[Limit] = []
        self.learner = LimitLearner(self.book, self.store, self.revised.append)

    def wait_us(self, now_us: int, amounts: Amounts | None = None) -> int:
        """Until a call would fit; it is not made."""
        got = self.store.reserve(self.book.limits_for("shop", "m", "m"), amounts or call(), now_us)
        if isinstance(got, Shortage):
            assert got.wait_us is not None
            return got.wait_us
        self.store.settle(got, NOTHING, now_us)
        return 0

    def send(self, now_us: int) -> Reservation:
        got = self.store.reserve(self.book.limits_for("shop", "m", "m"), call(), now_us)
        assert isinstance(got, Reservation)
        self.learner.see_sent(NAME, call(), now_us)
        return got

    def refuse(
        self, now_us: int, headers: dict[str, str] | None = None, message: str = "No.", in_flight: int = 0
    ) -> None:
        self.learner.see_refusal(
            NAME,
            UpstreamRateLimited(message),
            headers or {},
            now_us,
            sent_us=now_us - 1,
            amounts=call(),
            in_flight=in_flight,
        )

    def amounts(self) -> dict[str, int]:
        return {one.limit.id.partition("/m/")[2]: one.limit.amount for one in self.book.all_learned()}


def test_limits_that_are_told_hold_from_the_first_answer_on() -> None:
    rig = Rig()
    rig.send(S)
    rig.learner.see_answer(NAME, told(1), 2 * S, sent_us=S)
    assert rig.amounts() == {"rpm": 1}
    assert [learned.origin for learned in rig.book.all_learned()] == ["headers"]
    assert rig.wait_us(2 * S) > 0, "the first call counts, though it was sent before"


def test_a_limit_that_is_told_anew_takes_the_place_of_the_old_one() -> None:
    rig = Rig()
    for second, limit in enumerate((60, 30, 90), 1):
        rig.learner.see_answer(NAME, told(limit), second * S, sent_us=second * S)
        assert rig.amounts() == {"rpm": limit}


def test_what_others_took_is_charged_once_and_nothing_is_given_back() -> None:
    rig = Rig()
    rig.send(S)
    rig.learner.see_answer(NAME, told(60, 20), S + 100, sent_us=S)
    limit = rig.book.limit_of(NAME, "rpm")
    assert limit is not None
    assert rig.store.levels([limit], S + 100)[0].used == 40
    rig.learner.see_answer(NAME, told(60, 20), S + 300_000, sent_us=S)
    assert 39 <= rig.store.levels([limit], S + 300_000)[0].used <= 40
    rig.learner.see_answer(NAME, told(60, 60), S + 600_000, sent_us=S + 500_000)
    assert 38 <= rig.store.levels([limit], S + 600_000)[0].used <= 40


def test_a_wait_that_is_asked_for_is_kept_to_the_microsecond() -> None:
    rig = Rig()
    rig.refuse(S, {"retry-after-ms": "2500"})
    assert rig.wait_us(S) == 2_500_000
    assert rig.wait_us(3_500_000) == 0
    rig.refuse(4 * S, {"retry-after": "2"})
    rig.refuse(4 * S, {"retry-after": "1"})
    assert rig.wait_us(4 * S) == 2 * S, "the longer one, not both"


def test_no_deployment_is_left_alone_for_longer_than_an_hour() -> None:
    rig = Rig()
    rig.refuse(S, {"retry-after": "86000"})
    assert rig.wait_us(S) == 3_600 * S


def test_a_refusal_that_names_the_limit_is_believed() -> None:
    rig = Rig()
    rig.refuse(S, message="Rate limit reached on requests per min (RPM): Limit 20, Used 20, Requested 1.")
    assert rig.amounts()["rpm"] == 20
    assert "message" in {learned.origin for learned in rig.book.all_learned()}


def test_a_refusal_that_names_concurrency_limits_calls_at_once() -> None:
    rig = Rig()
    for second in range(90):
        rig.learner.see_sent(NAME, call(), second * S // 3)
    rig.refuse(31 * S, message="Too many concurrent requests.", in_flight=4)
    assert rig.amounts()["concurrency"] == 1, "four that nobody counts are still under way"
    rig.learner.see_end(NAME, call(), call(), 32 * S, sent_us=30 * S)
    rig.learner.see_end(NAME, call(), call(), 32 * S, sent_us=30 * S)
    assert rig.amounts()["concurrency"] == 2


def test_less_than_was_configured_is_believed_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(Ceilings(rpm=60))
    with caplog.at_level(logging.WARNING, "pointsman.limits"):
        for second in range(1, 4):
            rig.learner.see_answer(NAME, told(30), second * S, sent_us=second * S)
    limit = rig.book.limit_of(NAME, "rpm")
    assert limit is not None
    assert limit.amount == 30
    assert len(caplog.records) == 1
    assert "30" in caplog.text


def test_more_than_was_configured_changes_nothing() -> None:
    rig = Rig(Ceilings(rpm=60))
    rig.learner.see_answer(NAME, told(600), S, sent_us=S)
    limit = rig.book.limit_of(NAME, "rpm")
    assert limit is not None
    assert limit.amount == 60


def test_requests_that_wait_are_told_of_other_amounts() -> None:
    rig = Rig()
    for n in range(90):
        rig.learner.see_sent(NAME, call(), n * S // 3)
    rig.refuse(30 * S)
    bounded = {limit.id: limit.amount for limit in rig.revised if limit.amount < UNBOUNDED}
    assert set(bounded) == {f"deployment:{NAME}/pause", f"deployment:{NAME}/rpm/paced"}
    ids = {limit.id for limit in rig.book.limits_for("shop", "m", "m")}
    rig.refuse(50 * S)
    assert {limit.id for limit in rig.book.limits_for("shop", "m", "m")} == ids


def test_what_nobody_confirms_is_forgotten() -> None:
    rig = Rig()
    for n in range(90):
        rig.learner.see_sent(NAME, call(), n * S // 3)
    rig.refuse(30 * S)
    rig.learner.see_answer(NAME, told(60), 31 * S, sent_us=31 * S)
    assert rig.amounts()
    later = 31 * S + IDLE_US + 1
    rig.learner.see_answer(NAME, {}, later, sent_us=later)
    assert rig.amounts() == {}
    assert rig.book.limits_for("shop", "m", "m") == ()


def test_names_that_a_caller_made_up_do_not_pile_up() -> None:
    rig = Rig()
    for n in range(2 * MAX_DEPLOYMENTS):
        rig.learner.see_sent(f"shop/{n}", call(), n)
    assert len(rig.learner) == MAX_DEPLOYMENTS


left = st.none() | st.integers(-5, 600)
headers: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.builds(told, st.integers(-5, 500), left),
    st.builds(told, st.integers(-5, 500), left, st.just("tokens")),
    st.builds(lambda seconds: {"retry-after": str(seconds)}, st.integers(-5, 100)),
)
kinds = st.sampled_from(["send", "answer", "refuse"])
events = st.lists(st.tuples(kinds, st.integers(100_000, 30 * S), headers, st.integers(0, 9)), max_size=40)


@given(events)
def test_it_never_believes_more_than_was_told_and_never_nothing(
    events: list[tuple[str, int, dict[str, str], int]],
) -> None:
    rig, now = Rig(), S
    last: dict[str, int] = {}
    for what, gap, told_now, in_flight in events:
        now += gap
        if what == "send":
            rig.learner.see_sent(NAME, call(), now)
            continue
        if what == "answer":
            rig.learner.see_answer(NAME, told_now, now, sent_us=now)
        else:
            rig.learner.see_sent(NAME, call(), now - 1)
            rig.refuse(now, told_now, in_flight=in_flight)
        for dimension, name in (("rpm", "requests"), ("tpm", "tokens")):
            if told_now.get(f"x-ratelimit-limit-{name}", "-").isdigit():
                last[dimension] = int(told_now[f"x-ratelimit-limit-{name}"]) or last.get(dimension, 0)
        amounts = rig.amounts()
        for dimension in ("rpm", "tpm"):
            assert amounts.get(dimension, 0) == last.get(dimension, 0)
        assert all(amount >= 1 for amount in amounts.values())
        assert len(rig.book.limits_for("shop", "m", "m")) <= 8


def sizes(dice: Random) -> int:
    return max(50, int(dice.lognormvariate(6.9, 0.6)))


@pytest.mark.parametrize("hints", ["headers", "retry-after", "nothing"])
@pytest.mark.parametrize("shape", ["refill", "rolling"])
@pytest.mark.parametrize(("what", "amount"), [("rpm", 60), ("rpm", 200), ("tpm", 120_000)])
def test_three_times_an_unknown_limit_uses_it_up_and_hardly_ever_trips_it(
    hints: Hints,
    shape: Literal["refill", "rolling"],
    what: Literal["rpm", "tpm"],
    amount: int,
) -> None:
    """Ten minutes of it, without having been told anything before."""
    results = [run(Provider(shape, what, amount, hints), seed, tokens=sizes) for seed in (1, 2, 3)]
    assert max(result.share for result in results) <= 0.01, results
    assert min(result.utilisation for result in results) >= 0.92, results
    assert sum(result.utilisation for result in results) >= 3 * 0.95, results
    assert hints != "headers" or not any(result.refusals for result in results), results


@pytest.mark.parametrize("hints", ["retry-after", "nothing"])
@pytest.mark.parametrize("places", [5, 20])
def test_so_does_a_limit_on_calls_at_once(hints: Hints, places: int) -> None:
    arrivals = 3 * places * 60 / 5
    results = [
        run(Provider("slots", "concurrency", places, hints), seed, arrivals_a_minute=arrivals)
        for seed in (1, 2, 3)
    ]
    assert max(result.share for result in results) <= 0.01, results
    assert min(result.utilisation for result in results) >= 0.9, results


@pytest.mark.parametrize("shape", ["refill", "rolling"])
def test_others_on_the_same_account_are_seen_in_the_headers(shape: Literal["refill", "rolling"]) -> None:
    provider = Provider(shape, "rpm", 200, "headers", others=0.3)
    result = run(provider, 1, shape=SHAPES["anthropic_messages" if shape == "refill" else "openai_chat"])
    assert result.share <= 0.05, result
    assert result.utilisation >= 0.9, result


@pytest.mark.parametrize("hints", ["headers", "retry-after", "nothing"])
def test_a_limit_that_is_cut_to_a_half_is_found_again(hints: Hints) -> None:
    provider = Provider("refill", "rpm", 200, hints, change=(5 * MINUTE, 100))
    result = run(provider, 1, minutes=10)
    assert result.share <= 0.03, result
    late = [at for at in provider.refused if at > 8 * MINUTE]
    assert len(late) <= 5, result


def test_demand_below_the_limit_is_left_alone() -> None:
    provider = Provider("rolling", "rpm", 200, "nothing")
    result = run(provider, 1, demand=0.7)
    assert result.refusals == 0
    assert result.limits == []


@pytest.mark.parametrize("shape", ["refill", "rolling"])
def test_a_rate_that_a_sudden_burst_hides_behind_calls_under_way_is_found(
    shape: Literal["refill", "rolling"],
) -> None:
    """Of a burst of six times the limit, most is still under way when the first of it is refused."""
    result = run(Provider(shape, "rpm", 100, "nothing"), 1, demand=6)
    assert result.share <= 0.02, result
    assert result.utilisation >= 0.93, result
