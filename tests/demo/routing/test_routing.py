import tomllib

import msgspec
import pytest

from pointsman.config import load_settings
from pointsman.demo.routing.routing import (
    BASELINE,
    LEARNED,
    SKILLS,
    STRONG,
    WEAK,
    Scale,
    Sent,
    draw_prompts,
    kind_reports,
    lane_report,
    lanes,
    settings_text,
    skills_text,
    small_scale,
)
from pointsman.simulator import parse_skills
from pointsman.simulator.exercises import MIX


def test_no_prompt_is_both_learned_from_and_shown() -> None:
    to_learn, to_show = draw_prompts(1, Scale(300, 200))
    assert (len(to_learn), len(to_show)) == (300, 200)
    assert not {each.prompt for each in to_learn} & {each.prompt for each in to_show}
    assert draw_prompts(1, Scale(300, 200)) == (to_learn, to_show)


@pytest.mark.parametrize(("most", "scale"), [(10, Scale(10, 10)), (1500, Scale(1500, 1000)), (9999, Scale())])
def test_a_small_act_sends_no_more_than_it_is_told(most: int, scale: Scale) -> None:
    assert small_scale(most) == scale


def test_the_models_are_skilled_in_every_kind_and_the_strong_one_more() -> None:
    assert parse_skills(skills_text(), "x").models == {WEAK, STRONG} == set(SKILLS)
    assert all(SKILLS[WEAK][kind] < SKILLS[STRONG][kind] < 1 for kind in MIX)


def test_the_gateway_is_told_of_a_pool_a_floor_and_shadows_and_not_of_kinds() -> None:
    settings = load_settings({}, tomllib.loads(settings_text("http://127.0.0.1:9", 0.02)))
    auto = settings.auto["default"]
    assert (auto.policy, auto.pool, auto.floor) == ("learned", (WEAK, STRONG), 0.98)
    assert (auto.shadow.share, auto.grader.kind) == (0.02, "number")
    assert {name: route.policy for name, route in settings.auto.items() if name != "default"} == {
        "strong": "fixed",
        "keywords": "keywords",
    }


def test_the_coin_sends_as_many_to_the_weak_model_as_the_certificate() -> None:
    asked = [lane.asks(0.59) for lane in lanes(0.6)]
    assert asked == ["auto:strong", "auto", WEAK, "auto:keywords", WEAK]
    assert [lane.asks(0.61) for lane in lanes(0.6)][2] == STRONG
    assert lanes(0.6)[BASELINE].name == f"always {STRONG}"
    assert lanes(0.6)[LEARNED].name == "learned, certified"


def test_without_a_certificate_that_is_said_and_the_coin_is_fair() -> None:
    learned, coin = lanes(None)[LEARNED : LEARNED + 2]
    assert "uncertified" in learned.name
    assert (coin.asks(0.49), coin.asks(0.51)) == (WEAK, STRONG)


def test_what_was_sent_adds_up() -> None:
    learned = [Sent("sums", True, True, 3), Sent("sums", False, True, 40), Sent("law", False, False, 50)]
    baseline = [Sent("sums", False, True, 30), Sent("sums", False, True, 40), Sent("law", False, True, 50)]
    report = lane_report(lanes(0.5)[LEARNED], learned, 1)
    assert (report.requests, report.errors, report.to_weak, report.right, report.cost) == (3, 1, 1, 2, 93)
    assert report.quality == pytest.approx(2 / 3)
    by_kind = {each.kind: each for each in kind_reports(learned, baseline)}
    assert by_kind["sums"] == msgspec.structs.replace(by_kind["sums"], requests=2, to_weak=1, right=2)
    assert (by_kind["law"].right, by_kind["law"].baseline_right, by_kind["code"].requests) == (0, 1, 0)


def test_a_lane_that_was_sent_nothing_has_no_quality() -> None:
    assert lane_report(lanes(None)[0], [], 0).quality == 0.0
