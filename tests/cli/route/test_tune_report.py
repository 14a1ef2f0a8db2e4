from __future__ import annotations

import msgspec
from msgspec.structs import replace
from rich.console import Console, RenderableType

from pointsman.cli.route.tune_report import review_data, review_tables
from pointsman.cli.route.tune_review import Review, Traffic, traffic_of
from pointsman.costs.tally import Tally
from pointsman.routing.evidence import Estimate, Refused
from pointsman.routing.hindsight import Hindsight
from pointsman.routing.pool_review import Beaten, Candidate
from tests.support.routed import LARGE, SMALL
from tests.support.tuned import NOW, NOW_US, a_proposal, a_tally, an_auto, in_force

BEATEN = Beaten(SMALL, LARGE, Estimate(0.1, 0.05, 0.15), 0.5, 60, True)
TRY = Candidate("claude-haiku-5-5", SMALL, 0.9, "the cheapest of its provider that can do as much")


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


def shown(renderable: RenderableType) -> str:
    console = Console(width=80, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    assert max(map(len, captured.get().splitlines())) <= 80
    return " ".join(captured.get().split())


def test_a_proposal_says_what_it_changes() -> None:
    text = shown(review_tables(a_review(), "", NOW))
    for words in (
        f"auto: {SMALL} < {LARGE}",
        "301 requests in 10 days; of them 300 could be compared: 3.0000 US dollars paid for answers, 50 %",
        "Now: the route has no trained router in service yet, so the baseline answers.",
        "certified to keep 98.0% of the baseline's quality with 95% confidence until 2026-12-23",
        "quality kept 100.0% (100.0% to 100.0%) 100.0% (100.0% to 100.0%)",
        "mean score +0.0000 (+0.0000 to +0.0000), cost of a request -0.001",
        "For 903 requests in 30 days: -1.",
    ):
        assert words in text
    assert "Keep" not in text and "settings" not in text


def test_one_day_is_no_days() -> None:
    traffic = traffic_of(a_tally(), NOW_US - 3_600_000_000, NOW_US)
    assert "requests in 1 day; of them" in shown(review_tables(a_review(traffic=traffic), "", NOW))


def test_what_clients_say() -> None:
    said = Hindsight(400, 120.0, Estimate(0.7, 0.65, 0.75), Estimate(0.9, 0.85, 0.95))
    text = shown(review_tables(a_review(hindsight=said), "", NOW))
    assert (
        "Clients scored 400 answers with 0.700 on average; as proposed it would have been 0.900 (0.850"
        in text
    )
    assert review_data(a_review(hindsight=said), "", NOW)["hindsight"] is said


def test_what_is_in_service_is_kept_where_it_is_no_worse() -> None:
    held = in_force()
    review = a_review(in_force=held, why_not=None, proposal=a_proposal(in_force=held))
    text = shown(review_tables(review, "", NOW))
    assert f"Now: certificate {held.certificate.id}, until 2026-12-23." in text
    assert "cost of a request 0 (0 to 0) US dollars" in text
    assert "Keep what is in service: it costs no more" in text


def test_why_nothing_is_proposed() -> None:
    refused = a_review(proposal=Refused(reason="Label more.", labels=3), traffic=Traffic(0.0, Tally()))
    text = shown(review_tables(refused, "", NOW))
    assert "No request in the time looked at; 1,000 labelled prompts." in text
    assert "Nothing to propose: Label more." in text
    text = shown(review_tables(a_review(proposal=a_proposal(100)), "", NOW))
    assert "Not certified:" in text and "quality kept" not in text


def test_the_pool() -> None:
    likely = replace(BEATEN, model=LARGE, by=SMALL, sure=False)
    dearer = replace(TRY, cheaper=-0.5)
    review = a_review(beaten=(BEATEN, likely), candidates=(TRY, dearer), auto=an_auto(shadow=0.05))
    text = shown(review_tables(review, "-pool = 1\n+pool = 2\n", NOW))
    for words in (
        f"{SMALL} is not worth its money: {LARGE} scores +0.100 (+0.050 to +0.150) on 60 prompts",
        f"{LARGE} may not be worth its money",
        f"It is the baseline: to make {SMALL} the baseline is yours to decide.",
        f"claude-haiku-5-5 costs 90% less than {SMALL} at list prices",
        f"costs 50% more than {SMALL}",
        "Unproven: nothing is known of its answers here, so start with shadows.",
        "about 664 days at this traffic and 5% shadows, half of them to test.",
        "In the settings (--write-config does it): -pool = 1 +pool = 2",
    ):
        assert words in text
    without = shown(review_tables(a_review(candidates=(TRY,)), "", NOW))
    assert "[auto.default.shadow] has no share yet, so none would come." in without
    idle = a_review(candidates=(TRY,), auto=an_auto(shadow=0.05), traffic=Traffic(0.0, Tally()))
    assert "certify a router anew." in shown(review_tables(idle, "", NOW))


def test_data() -> None:
    data = msgspec.json.decode(msgspec.json.encode(review_data(a_review(beaten=(BEATEN,)), "diff", NOW)))
    assert (data["route"], data["why_not"], data["refused"], data["why_keep"]) == (
        "default",
        "no_router",
        None,
        None,
    )
    assert "answers_usd" in data["traffic"] and "shadow_calls" not in data["traffic"]
    assert data["learned_from"] + data["held_back"] == 1000
    assert data["proposed"]["shares"].keys() == {SMALL, LARGE}
    assert data["change"]["then"]["kept"]["value"] == 1.0
    assert data["beaten"][0]["by"] == LARGE
    refused = review_data(a_review(proposal=Refused(reason="Label more.", labels=3)), "", NOW)
    assert (refused["refused"], refused["proposed"], refused["change"]) == ("Label more.", None, None)
    failed = review_data(a_review(proposal=a_proposal(100), in_force=in_force(), why_not=None), "", NOW)
    assert failed["refused"] and failed["in_force"].startswith("cert_")
