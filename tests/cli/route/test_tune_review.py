from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from pointsman.catalog import load_catalog
from pointsman.cli.route.tune_review import Review, Traffic, priced_by, review_pool, traffic_of, why_words
from pointsman.costs import format_usd
from pointsman.costs.tally import Tally
from pointsman.routing.evidence import Certificate, Estimate, Refused
from pointsman.routing.pool_review import Beaten
from pointsman.routing.tuning import lessons_of
from tests.support.labelled import prompts
from tests.support.models import a_model
from tests.support.routed import LARGE, SMALL
from tests.support.tuned import NOW, NOW_US, a_proposal, a_tally, an_auto, in_force, price_of

MIDDLE = "claude-sonnet-5-5"


def a_review(**changes: object) -> Review:
    review = Review(
        auto=an_auto(),
        traffic=traffic_of(a_tally(), NOW_US - 10 * 86_400_000_000, NOW_US),
        prompts=1000,
        in_force=None,
        why_not="no_router",
        beaten=(),
        candidates=(),
        proposal=a_proposal(),
    )
    return replace(review, **changes)


def beats(model: str, *, sure: bool = True) -> Beaten:
    return Beaten(model, LARGE, Estimate(0.1, 0.05 if sure else -0.1, 0.15), 0.5, 60, sure)


def test_traffic_of_a_month() -> None:
    traffic = traffic_of(a_tally(), NOW_US - 10 * 86_400_000_000, NOW_US)
    assert (traffic.days, traffic.requests, traffic.a_month) == (10.0, 301, 903.0)
    assert traffic_of(a_tally(), NOW_US - 5, NOW_US).days == 1.0
    assert traffic_of(Tally(), None, NOW_US) == Traffic(0.0, Tally())
    assert Traffic(0.0, Tally()).a_month == 0.0


def test_a_first_certificate_is_put_in_service() -> None:
    review = a_review()
    assert isinstance(review.certificate, Certificate)
    assert review.why_keep(NOW) is None
    assert why_words(review) == "the route has no trained router in service yet, so the baseline answers"


@pytest.mark.parametrize(("age", "keep"), [(0, True), (14, True), (16, False)])
def test_the_same_again_only_when_the_certificate_lapses(age: int, keep: bool) -> None:
    held = in_force(NOW - timedelta(days=age))
    review = a_review(in_force=held, why_not=None, proposal=a_proposal(in_force=held))
    assert (review.why_keep(NOW) is not None) == keep
    assert held.certificate.id in why_words(review)


@pytest.mark.parametrize("proposal", [a_proposal(100), Refused(reason="too few", labels=3)])
def test_without_a_certificate_nothing_is_put_in_service(proposal: object) -> None:
    review = a_review(proposal=proposal)
    assert review.certificate is None
    assert review.why_keep(NOW) == "nothing could be certified"


@pytest.mark.parametrize(
    ("beaten", "smaller"),
    [
        ([], None),
        ([beats(MIDDLE)], (SMALL, LARGE)),
        ([beats(MIDDLE, sure=False)], None),
        ([beats(LARGE)], None),
        ([beats(SMALL), beats(MIDDLE)], None),
        ([beats(SMALL), beats(LARGE)], (MIDDLE, LARGE)),
    ],
)
def test_what_surely_is_not_worth_its_money_is_taken_out(
    beaten: list[Beaten], smaller: tuple[str, ...] | None
) -> None:
    review = a_review(auto=an_auto(SMALL, MIDDLE, LARGE), beaten=tuple(beaten))
    assert review.smaller_pool == smaller


def test_prices_are_those_of_today_by_any_name_that_labels_have() -> None:
    price = priced_by(load_catalog([a_model("free", prices=())]), NOW_US)
    found = [price(name, 1000, 100) for name in (SMALL, f"mine/{SMALL}", "free", "mine/unheard-of")]
    assert [None if cost is None else format_usd(cost) for cost in found] == ["0.0015", "0.0015", None, None]


def test_a_pool_is_reviewed_with_what_was_seen() -> None:
    lessons = lessons_of(prompts(200, hard_share=0.0), price_of)
    beaten, candidates = review_pool(
        an_auto(), lessons, load_catalog(), frozenset({"anthropic"}), None, NOW_US, date(2026, 11, 23)
    )
    assert [(one.model, one.by, one.sure) for one in beaten] == [(LARGE, SMALL, True)]
    assert [(one.model, one.instead_of) for one in candidates] == [("claude-haiku-5-5", SMALL)]
