from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from pointsman.costs import PER_USD
from pointsman.errors import InvalidRequest
from pointsman.routing.evidence import Certificate, Point, Refused, certify
from pointsman.routing.features import Features
from pointsman.routing.judgement import Judgement
from pointsman.routing.labels.kept import Labelled, Mark
from pointsman.routing.tuning import (
    InForce,
    Judge,
    Lesson,
    Outcome,
    Proposal,
    change_between,
    divide,
    least_familiarity,
    lessons_of,
    points_of,
    propose,
    worth_of,
)
from tests.support.labelled import Oracle, a_prompt, prompts
from tests.support.routed import LARGE, SMALL

POOL = (SMALL, LARGE)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRICES = {SMALL: 1, LARGE: 4}


def price_of(model: str, tokens_in: int, tokens_out: int) -> int | None:
    """A dollar for a thousand prompts of the small model, four for the large one."""
    return PRICES[model] * PER_USD // 1000 if model in PRICES else None


def oracle(lessons: Sequence[Lesson], models: tuple[str, ...]) -> Judge:
    return Oracle(models)


def prove(points: Sequence[Point], judge: Judge, least: float) -> Certificate | Refused:
    return certify(points, pool=judge.models, router="oracle", now=NOW, min_labels=200, prices="of today")


def lessons(count: int, hard_share: float = 0.5) -> list[Lesson]:
    return lessons_of(prompts(count, hard_share=hard_share), price_of)


def test_labels_are_read_with_todays_prices() -> None:
    (lesson,) = lessons_of([a_prompt(3, hard=True, tenant="acme")], price_of)
    assert (lesson.id, lesson.tenant, lesson.source) == ("req_3", "acme", "shadow")
    assert lesson.scores == {SMALL: 0.0, LARGE: 1.0}
    assert lesson.costs == {SMALL: PER_USD // 1000, LARGE: 4 * PER_USD // 1000}
    assert lesson.answers.costs is lesson.costs


@pytest.mark.parametrize(
    ("mark", "cost"),
    [
        (Mark(SMALL, 1.0, "shadow", 0, input_tokens=1, output_tokens=1, cost=7), PER_USD // 1000),
        (Mark(SMALL, 1.0, "shadow", 0, cost=7), 7),
        (Mark("x", 1.0, "shadow", 0, input_tokens=1, output_tokens=1, cost=7), 7),
        (Mark("x", 1.0, "shadow", 0, input_tokens=1, output_tokens=1), None),
        (Mark(SMALL, 1.0, "shadow", 0), None),
    ],
)
def test_what_an_answer_costs(mark: Mark, cost: int | None) -> None:
    (lesson,) = lessons_of([Labelled(a_prompt(1, hard=True).prompt, (mark,))], price_of)
    assert lesson.costs.get(mark.model) == cost
    assert lesson.knows([mark.model]) == (cost is not None)


def test_prompts_without_features_or_with_those_of_another_version_teach_nothing() -> None:
    known = a_prompt(1, hard=True)
    gone = replace(known, prompt=replace(known.prompt, features=None))
    other = replace(known, prompt=replace(known.prompt, features=b"?"))
    assert lessons_of([gone, other], price_of) == []


def test_feedback_takes_no_label_away_and_counts_only_alone() -> None:
    said = Mark(SMALL, 0.0, "feedback", 0, key_id="k")
    known = a_prompt(1, hard=False)
    (both,) = lessons_of([replace(known, marks=(*known.marks, said))], price_of)
    assert (both.scores[SMALL], both.source) == (1.0, "shadow")
    (alone,) = lessons_of([replace(known, marks=(said,))], price_of)
    assert (alone.scores[SMALL], alone.source) == (0.0, "feedback")
    (graded,) = lessons_of([a_prompt(1, hard=True, source="grader")], price_of)
    assert graded.source == "graded"


def test_a_prompt_is_always_on_the_same_side() -> None:
    found = lessons(400)
    learn, hold = divide(found)
    assert 150 < len(learn) < 250 and len(learn) + len(hold) == 400
    assert divide(reversed(found))[0] == learn[::-1]


def test_points_are_of_prompts_of_which_all_is_known() -> None:
    found = lessons(8)
    partial = replace(found[0], scores={SMALL: 1.0})
    points = points_of([partial, *found[1:]], Oracle())
    assert len(points) == 7
    assert points[0].costs == (0.001, 0.004)
    assert points[0].scores == (found[1].scores[SMALL], 1.0)


def test_a_proposal_is_measured_on_what_was_held_back() -> None:
    found = propose(lessons(1200), POOL, oracle, prove, None)
    assert isinstance(found, Proposal) and isinstance(found.proof, Certificate)
    assert found.learned_from + found.held_back == 1200
    change = found.change
    assert change is not None and change.prompts == found.held_back
    assert change.now.saving is not None and change.now.saving.value == 0
    assert change.then.kept is not None and change.then.kept.value == 1.0
    assert change.then.saving is not None and 0.3 < change.then.saving.value < 0.45
    assert change.score.value == 0
    assert -0.0018 < change.cost.low <= change.cost.value <= change.cost.high < -0.0012


def test_what_is_in_force_is_measured_on_the_same_prompts() -> None:
    first = propose(lessons(1200), POOL, oracle, prove, None)
    assert isinstance(first, Proposal) and isinstance(first.proof, Certificate)
    again = propose(lessons(1200), POOL, oracle, prove, InForce(Oracle(), first.proof))
    assert isinstance(again, Proposal) and again.change is not None
    assert again.change.cost.value == again.change.cost.low == 0.0
    assert again.change.now == again.change.then
    elsewhere = InForce(Oracle(("other", LARGE)), replace(first.proof, pool=("other", LARGE)))
    moved = propose(lessons(1200), POOL, oracle, prove, elsewhere)
    assert isinstance(moved, Proposal) and moved.change is not None
    assert moved.change.now.saving is not None and moved.change.now.saving.value == 0


def test_what_cannot_be_certified_leaves_all_to_the_baseline() -> None:
    found = propose(lessons(300), POOL, oracle, prove, None)
    assert isinstance(found, Proposal) and isinstance(found.proof, Refused)
    assert found.change is not None and found.change.then == found.change.now


def test_too_few_labels_to_learn_from_are_a_refusal() -> None:
    def unable(lessons: Sequence[Lesson], models: tuple[str, ...]) -> Judge:
        raise InvalidRequest("There are 3 labels.")

    found = propose(lessons(100), POOL, unable, prove, None)
    assert isinstance(found, Refused) and found.reason == "There are 3 labels."


@pytest.mark.parametrize("count", [0, 1])
def test_without_labels_there_is_nothing_to_propose(count: int) -> None:
    found = propose(lessons(count), POOL, oracle, prove, None)
    assert isinstance(found, Refused)
    assert "shadows give them" in found.reason


class Strange(Oracle):
    """To whom so many of the prompts are strange."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self._every, self._asked = every, 0

    def judge_features(self, features: Features) -> Judgement:
        self._asked += 1
        judgement = super().judge_features(features)
        return replace(judgement, familiarity=0.0 if self._asked % self._every == 0 else 0.5)


@pytest.mark.parametrize(("every", "least"), [(50, 0.01), (20, 0.01), (10, 0.0), (1, 0.0)])
def test_familiarity_counts_where_it_tells_prompts_apart(every: int, least: float) -> None:
    assert least_familiarity(lessons(200), Strange(every)) == least


def test_worth_and_change() -> None:
    before = [Outcome(1.0, 4.0, 1.0, 4.0), Outcome(1.0, 4.0, 1.0, 4.0)]
    after = [Outcome(0.5, 1.0, 1.0, 4.0), Outcome(1.0, 1.0, 1.0, 4.0)]
    worth = worth_of(after)
    assert worth.kept is not None and worth.kept.value == 0.75
    assert worth.saving is not None and worth.saving.value == 0.75
    change = change_between(before, after)
    assert change is not None
    assert (change.score.value, change.cost.value) == (-0.25, -3.0)
    assert change_between([], []) is None
    free = worth_of([Outcome(0.0, 0.0, 0.0, 0.0)])
    assert (free.kept, free.saving) == (None, None)
