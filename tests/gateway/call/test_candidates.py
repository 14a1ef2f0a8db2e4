"""Where a request can go: the order of stages and equals, and where it goes after a failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import cycle
from math import inf

import pytest

from pointsman.errors import (
    ContextWindowExceeded,
    InvalidRequest,
    PointsmanError,
    RateLimited,
    ServerBusy,
    StreamBroken,
    UpstreamCredentials,
    UpstreamQuotaExhausted,
    UpstreamRateLimited,
    UpstreamUnavailable,
)
from pointsman.gateway.call.candidates import PREFIX_BYTES, Candidates, candidates
from pointsman.gateway.call.values import Plan, Route, Stage, make_route
from pointsman.resilience import Health, RetryPolicy
from tests.support.gateway import a_route
from tests.support.models import a_model

NOW = 1_000.0


def route(name: str, window: int = 1_000, provider: str = "acme") -> Route:
    made = a_route(a_model(name, context_window=window))
    if provider == "acme":
        return made
    other = type(made.provider)(name=provider, dialect="openai_chat", base_url="http://other")
    return make_route(other, made.dialect, name, made.model)


def of(
    *stages: Stage,
    policy: RetryPolicy | None = None,
    health: Health | None = None,
    deadline: float = inf,
    random: Callable[[], float] = lambda: 0.5,
    body: bytes = b"{}",
    holder: str = "",
) -> Candidates:
    return candidates(
        Plan(stages[0].routes[0], {}, "", stages),
        body,
        "key",
        health=health or Health(),
        policy=policy or RetryPolicy(),
        deadline=deadline,
        now=NOW,
        random=random,
        holder=holder,
    )


def alone(*routes: Route) -> list[Stage]:
    return [Stage((each,), (1.0,)) for each in routes]


def test_without_a_choice_there_is_one() -> None:
    only = a_route()
    plan = Plan(only, {})
    found = candidates(
        plan, b"", "", health=Health(), policy=RetryPolicy(), deadline=inf, now=NOW, random=lambda: 0.5
    )
    assert (found.route, list(found.equals()), found.is_retry()) == (only, [], False)


def test_stages_come_in_their_order_and_only_equals_are_equal() -> None:
    a, b, c, d = (route(name) for name in "abcd")
    found = of(Stage((a, b), (1.0, 1.0)), Stage((c, d), (1.0, 1.0)), random=cycle([0.9, 0.1]).__next__)
    assert {each.name for each in found.routes[:2]} == {"a", "b"}
    assert {each.name for each in found.routes[2:]} == {"c", "d"}
    assert list(found.equals()) == [1]
    found.here = 2
    assert list(found.equals()) == [3]


def test_weights_say_how_often_each_is_first() -> None:
    import random

    a, b = route("a"), route("b")
    rng = random.Random(5)
    first = Counter(of(Stage((a, b), (3.0, 1.0)), random=rng.random).route.name for _ in range(4000))
    assert first["a"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_the_least_busy_is_first() -> None:
    a, b, health = route("a"), route("b"), Health()
    health.deployment(a.deployment, "acme", NOW).begin(NOW)
    assert of(Stage((a, b), (1.0, 1.0), "least_busy"), health=health).route is b


def test_a_conversation_stays_where_its_prefix_is_warm() -> None:
    routes = tuple(route(name) for name in "abcdef")
    stage = Stage(routes, (1.0,) * 6, "prefix")
    begun = b'{"messages":[' + b"x" * PREFIX_BYTES
    assert len({of(stage, body=begun + more).route.name for more in (b"", b"1", b"2" * 999)}) == 1
    assert len({of(stage, body=b"%d" % number).route.name for number in range(100)}) == 6


FAILURES: list[tuple[PointsmanError, str, bool]] = [
    (UpstreamUnavailable("overloaded", status=529), "b", False),
    (UpstreamRateLimited("429"), "b", False),
    (StreamBroken("empty"), "b", False),
    (UpstreamQuotaExhausted("no money"), "c", False),
    (UpstreamCredentials("wrong key"), "c", False),
    (RateLimited("our own queue is too long"), "b", False),
    (ContextWindowExceeded("too long"), "c", False),
    (InvalidRequest("nonsense"), "a", True),
]


@pytest.mark.parametrize(("error", "then", "over"), FAILURES)
def test_where_it_goes_next(error: PointsmanError, then: str, over: bool) -> None:
    found = of(*alone(route("a"), route("b"), route("c", window=9_000, provider="bulk")))
    wait = found.failed(error, Health(), NOW, 0.5)
    assert (found.route.name, wait is None) == (then, over)
    assert over or wait == 0.0


def test_a_single_place_is_tried_again_after_a_pause_but_not_its_queue() -> None:
    found = of(*alone(route("a")))
    assert found.failed(UpstreamUnavailable("503"), Health(), NOW, 0.5) == 0.25
    assert found.is_retry()
    assert of(*alone(route("a"))).failed(RateLimited("full"), Health(), NOW, 0.5) is None


def test_what_was_never_sent_is_no_attempt() -> None:
    found = of(*alone(route("a"), route("b"), route("c")), policy=RetryPolicy(attempts=1))
    for then in ("b", "c"):
        assert found.failed(RateLimited("full"), Health(), NOW, 0.5, sent=False) == 0.0
        assert (found.route.name, found.is_retry()) == (then, False)


def test_attempts_and_the_deadline_end_it() -> None:
    once = of(*alone(route("a"), route("b")), policy=RetryPolicy(attempts=1))
    assert once.failed(UpstreamUnavailable("503"), Health(), NOW, 0.5) is None
    late = of(*alone(route("a")), deadline=NOW + 0.1)
    assert late.failed(UpstreamUnavailable("503"), Health(), NOW, 0.5) is None


def test_a_retry_budget_that_is_used_up_ends_it() -> None:
    health = Health()
    budget = health.provider("acme", NOW).budget
    while budget.has_room(NOW):
        budget.withdraw(NOW)
    assert of(*alone(route("a"))).failed(UpstreamUnavailable("503"), health, NOW, 0.5) is None
    elsewhere = of(*alone(route("a"), route("b", provider="bulk")))
    assert elsewhere.failed(UpstreamUnavailable("503"), health, NOW, 0.5) == 0.0
    assert not elsewhere.is_retry(), "that provider sees it for the first time"


def opened(health: Health, route: Route, ago: float) -> None:
    """Its breaker has opened so many seconds ago."""
    deployment = health.deployment(route.deployment, route.provider.name, NOW - ago)
    for _ in range(40):
        deployment.begin(NOW - ago).fail(UpstreamUnavailable("down", status=503), NOW - ago, 0.0)
    assert not deployment.healthy(NOW)


def test_whoever_is_left_alone_by_its_breaker_is_last_whatever_its_stage() -> None:
    a, b, c, d = (route(name) for name in "abcd")
    health = Health()
    opened(health, a, ago=1.0)
    opened(health, d, ago=2.0)
    stages = (Stage((a, b), (1.0, 1.0)), *alone(c, d))
    assert [each.name for each in of(*stages, health=health).routes] == ["b", "c", "d", "a"]
    found = of(*alone(a, c), health=health)
    assert [each.name for each in found.routes] == ["c", "a"]
    assert (found.ends, list(found.equals())) == ((1, 2), [])
    assert [each.name for each in of(*alone(a, d), health=health).routes] == ["d", "a"], "the least bad"


def test_trouble_of_our_own_is_the_end_however_many_others_there_are() -> None:
    found = of(*alone(route("a"), route("b")))
    assert found.failed(ServerBusy("the disk is full"), Health(), NOW, 0.5, sent=False) is None


def test_who_can_be_asked_beside_another_are_its_equals_and_then_the_rest() -> None:
    a, b, c, d, e = (route(name) for name in "abcde")
    stages = [Stage((a, b, c), (1.0, 1.0, 1.0), "least_busy"), Stage((d,), (1.0,)), Stage((e,), (1.0,))]
    found = of(*stages)
    assert list(found.others()) == [1, 2, 3, 4]
    found.here = 1
    assert list(found.others()) == [0, 2, 3, 4]
    found.here = 3
    assert list(found.others()) == [4], "not those that were better and are behind us"
    assert list(of(*alone(a)).others()) == []


def test_who_is_ruled_out_is_not_asked_beside_another() -> None:
    found = of(*alone(*(route(name) for name in "abc")))
    found.failed(UpstreamCredentials("no"), Health(), NOW, 0.5)
    assert (found.here, list(found.others())) == (0, []), "all of them are that provider's"
    other = of(*alone(route("a"), route("b", provider="x"), route("c"), route("d", provider="x")))
    other.failed(UpstreamCredentials("no"), Health(), NOW, 0.5)
    assert (other.here, list(other.others())) == (1, [3])


def test_a_second_attempt_beside_another_counts_as_a_retry() -> None:
    found = of(*alone(route("a"), route("b")))
    assert not found.is_retry()
    found.hedging = True
    assert found.is_retry()


def test_attempts_are_counted_by_the_policy() -> None:
    found = of(*alone(route("a")), policy=RetryPolicy(attempts=2))
    assert [found.has_attempts(made) for made in range(4)] == [True, True, False, False]
    found.before = 2
    assert [found.has_attempts(made) for made in range(2, 5)] == [True, True, False]


SPENT: list[tuple[RetryPolicy, float, bool]] = [
    (RetryPolicy(attempts=1), inf, True),
    (RetryPolicy(), NOW, True),
    (RetryPolicy(), inf, False),
]


@pytest.mark.parametrize(("policy", "deadline", "spent"), SPENT)
def test_whether_it_ended_since_no_more_was_allowed(
    policy: RetryPolicy, deadline: float, spent: bool
) -> None:
    found = of(*alone(route("a")), policy=policy, deadline=deadline)
    found.failed(UpstreamUnavailable("503"), Health(), NOW, 0.5)
    assert found.spent is spent
    found.failed(InvalidRequest("no"), Health(), NOW, 0.5)
    assert not found.spent


BREAKS: list[tuple[PointsmanError, str | None]] = [
    (StreamBroken("cut"), "c"),
    (UpstreamUnavailable("503"), "c"),
    (RateLimited("full"), "c"),
    (InvalidRequest("no"), None),
]


@pytest.mark.parametrize(("error", "then"), BREAKS)
def test_only_who_can_goes_on_with_a_stream(error: PointsmanError, then: str | None) -> None:
    policy = RetryPolicy(continue_streams=True)
    found = of(*alone(route("a"), route("b"), route("c")), policy=policy)
    moved = found.go_on(error, Health(), NOW, 0.5, lambda each: each.name != "b")
    assert (found.route.name if moved else None) == then
    closed = of(*alone(route("a"), route("c")))
    assert not closed.go_on(error, Health(), NOW, 0.5, lambda _: True), "it was not asked for"


def test_a_conversation_stays_with_the_deployment_that_holds_its_beginning() -> None:
    a, b, c = route("a"), route("b"), route("c")
    both, last = Stage((a, b), (9.0, 1.0)), Stage((c,), (1.0,))
    assert of(both, last, holder=b.deployment).routes == (b, a, c)
    assert of(both, last, holder=a.deployment).routes == (a, b, c)
    assert of(both, last, holder=c.deployment).routes[2] is c  # stages are an order of their own
    assert of(both, last, holder="gone/x").routes[2] is c
