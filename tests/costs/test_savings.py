from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import Model, PriceList, Rates
from pointsman.chat import Usage
from pointsman.costs.ratio import PER_ONE, Bounds, TokenRatio
from pointsman.costs.savings import REASONS, Baseline, Reason, Weighed, weigh
from pointsman.ledger import Attempt, Entry
from tests.support.ledger_entries import ATTEMPTS, ENTRIES, an_attempt, an_entry
from tests.support.models import SINCE, M, a_model

CACHED = Rates(input=10 * M, output=40 * M, cache_read=M, cache_write_5m=12 * M)
STRONG = a_model("strong", context_window=10_000, prices=(PriceList(SINCE, CACHED),))
PLAIN = a_model(
    "strong", context_window=10_000, prices=(PriceList(SINCE, Rates(input=10 * M, output=40 * M)),)
)
TWICE = TokenRatio(100, Bounds(), Bounds(2 * PER_ONE, PER_ONE, 3 * PER_ONE))


def baseline(model: Model | None = STRONG) -> Baseline:
    return Baseline("strong", frozenset({"strong"}), model)


def identify(provider: str, model: str) -> str:
    return model.removeprefix(f"{provider}-")


def tried(model: str, cost: int | None = 5, usage: Usage | None = None, outcome: str = "ok") -> Attempt:
    given_usage = Usage(input=100, output=10) if usage is None else usage
    return an_attempt(provider="p", model=f"p-{model}", cost=cost, usage=given_usage, outcome=outcome)


def an_answer(*attempts: Attempt, model: str | None = None, outcome: str = "ok") -> Entry:
    costs = [attempt.cost for attempt in attempts]
    return an_entry(
        attempts=attempts,
        model=(identify("p", attempts[-1].model) if attempts else "") if model is None else model,
        outcome=outcome,
        cost=None if None in costs else sum(cost or 0 for cost in costs),
    )


FAILED = tried("strong", 0, outcome="error")

COMPARED: list[tuple[str, Entry, Weighed]] = [
    (
        "the baseline alone costs what it did",
        an_answer(tried("strong", 7)),
        Weighed(7, 0, 7, 7, 7, "only the baseline", False),
    ),
    (
        "also with repeats",
        an_answer(tried("strong", 3, outcome="broken"), FAILED, tried("strong", 7)),
        Weighed(7, 3, 10, 10, 10, "only the baseline", False),
    ),
    (
        "also where the client left",
        an_answer(tried("strong", 7, outcome="cut"), outcome="cut"),
        Weighed(7, 0, 7, 7, 7, "only the baseline", False),
    ),
    (
        "an escalation is paid in addition",
        an_answer(tried("weak", 2), tried("other", 3), tried("strong", 50)),
        Weighed(50, 5, 50, 50, 50, "escalated", False),
    ),
    (
        "and so are the baseline's own repeats, by both",
        an_answer(tried("weak", 2), FAILED, tried("strong", 50)),
        Weighed(50, 2, 50, 50, 50, "escalated", False),
    ),
    (
        "another model's tokens at the baseline's price",
        an_answer(tried("weak", 5)),
        Weighed(5, 0, 1400 * M, 1400 * M, 1400 * M, "as it is", False),
    ),
    (
        "of two answers the one that went out",
        an_answer(tried("weak", 5), tried("other", 6, Usage(input=1, output=1)), model="weak"),
        Weighed(5, 6, 1400 * M, 1400 * M, 1400 * M, "as it is", False),
    ),
    (
        "where a name tells nothing, the last answer",
        an_answer(
            tried("weak", 5, Usage(input=1)),
            tried("other", 6),
            tried("x", 0, outcome="error"),
            model="?",
        ),
        Weighed(6, 5, 1400 * M, 1400 * M, 1400 * M, "as it is", False),
    ),
    (
        "what was written to a cache may have been read",
        an_answer(tried("weak", 5, Usage(input=100, cache_read=10, cache_write_5m=50))),
        Weighed(5, 0, 1610 * M, 1060 * M, 1610 * M, "as it is", False),
    ),
]


@pytest.mark.parametrize(
    ("request_", "weighed"), [case[1:] for case in COMPARED], ids=[c[0] for c in COMPARED]
)
def test_what_the_baseline_would_have_cost(request_: Entry, weighed: Weighed) -> None:
    assert weigh(request_, baseline(), identify) == weighed


def test_tokens_are_corrected_by_what_was_measured() -> None:
    found = weigh(
        an_answer(tried("weak", 5, Usage(input=100, cache_write_5m=50, output=10))),
        baseline(),
        identify,
        TWICE,
    )
    assert found == Weighed(5, 0, 2400 * M, 1450 * M, 2800 * M, "corrected", False)


def test_what_the_baseline_answered_unseen_is_known_to_the_cent() -> None:
    weighed = weigh(an_answer(tried("weak", 5)), baseline(None), identify, TWICE, 77)
    assert weighed == Weighed(5, 0, 77, 77, 77, "shadowed", False)
    escalated = weigh(an_answer(tried("weak", 2), tried("strong", 50)), baseline(), identify, None, 77)
    assert isinstance(escalated, Weighed) and escalated.how == "escalated"


def test_a_baseline_without_prices_for_its_cache_would_have_written_nothing() -> None:
    found = weigh(an_answer(tried("weak", 5, Usage(input=100, cache_write_1h=50))), baseline(PLAIN), identify)
    assert found == Weighed(5, 0, 1500 * M, 1500 * M, 1500 * M, "as it is", False)


def test_the_price_is_that_of_the_service_tier() -> None:
    tiers = {"flex": Rates(input=5 * M, output=20 * M)}
    model = a_model("strong", prices=(PriceList(SINCE, CACHED, tiers=tiers),))
    found = weigh(an_answer(tried("weak", 5, Usage(output=10, tier="flex"))), baseline(model), identify)
    assert isinstance(found, Weighed) and found.baseline == 200 * M


NOT_COMPARED: list[tuple[Reason, Entry, Baseline]] = [
    ("no answer", an_answer(FAILED, outcome="error"), baseline()),
    ("no answer", an_answer(outcome="error"), baseline()),
    ("broken answer", an_answer(tried("weak", outcome="broken"), outcome="broken"), baseline()),
    ("answered without a call", an_answer(), baseline()),
    ("cost unknown", an_answer(tried("weak", None)), baseline()),
    ("cost unknown", an_answer(tried("weak", None, outcome="broken"), tried("strong")), baseline()),
    ("baseline failed", an_answer(FAILED, tried("weak")), baseline()),
    ("usage unknown", an_answer(an_attempt(model="weak", usage=None, cost=0)), baseline()),
    ("usage unknown", an_answer(tried("weak", outcome="error"), model="weak"), baseline()),
    ("baseline has no price", an_answer(tried("weak")), baseline(None)),
    ("baseline has no price", an_answer(tried("weak")), baseline(a_model("strong", prices=()))),
    ("baseline has no price", an_answer(tried("weak", 5, Usage(input=1, tier="priority"))), baseline()),
    (
        "baseline has no price",
        an_answer(tried("weak", 5, Usage(input=1, cache_write_5m=1, tier="priority"))),
        baseline(),
    ),
    (
        "too long for the baseline",
        an_answer(tried("weak", 5, Usage(input=9000, cache_read=1001))),
        baseline(),
    ),
]


@pytest.mark.parametrize(("reason", "request_", "against"), NOT_COMPARED)
def test_what_cannot_be_compared_says_why(reason: Reason, request_: Entry, against: Baseline) -> None:
    assert weigh(request_, against, identify) == reason


def test_each_reason_can_occur() -> None:
    decided_by_the_caller = {"baseline unknown"}
    assert {reason for reason, *_ in NOT_COMPARED} | decided_by_the_caller == set(REASONS)


@given(ENTRIES)
def test_nothing_is_saved_where_only_the_baseline_was_asked(entry: Entry) -> None:
    all_of_them = Baseline("all", frozenset({attempt.model for attempt in entry.attempts}), STRONG)
    found = weigh(entry, all_of_them, lambda _, model: model)
    if isinstance(found, Weighed):
        assert found.answered + found.others == found.baseline == found.low == found.high == entry.cost


@given(ENTRIES, st.sampled_from([None, TWICE]))
def test_parts_are_the_whole_and_bounds_are_in_order(entry: Entry, ratio: TokenRatio | None) -> None:
    wide = a_model("a", context_window=2**62, prices=(PriceList(SINCE, CACHED, tiers={"a": CACHED}),))
    found = weigh(entry, Baseline("a", frozenset({"a"}), wide), lambda _, model: model, ratio)
    if isinstance(found, Weighed):
        assert found.answered + found.others == entry.cost
        assert 0 <= found.low <= found.baseline <= found.high


@given(st.lists(ATTEMPTS, max_size=3))
def test_something_is_said_of_every_request(attempts: list[Attempt]) -> None:
    entry = an_answer(*attempts)
    assert isinstance(weigh(entry, baseline(), identify), Weighed | str)
