from __future__ import annotations

import pytest
from msgspec.structs import replace

from pointsman.routing.decision import Decision
from pointsman.routing.evidence import Certificate
from pointsman.routing.hindsight import LEAST_ANSWERS, Hindsight, hindsight
from pointsman.routing.labels.kept import Labelled, Mark
from tests.support.labelled import Oracle, logged
from tests.support.tuned import a_proposal

PROOF = a_proposal().proof


def seen(labelled: list[Labelled], decisions: dict[str, Decision]) -> Hindsight | None:
    assert isinstance(PROOF, Certificate)
    return hindsight(labelled, decisions.get, Oracle(), PROOF)


def test_a_policy_that_knows_the_hard_ones_would_have_pleased_everyone() -> None:
    found = seen(*logged(1000))
    assert found is not None and found.answers == 1000
    assert 0.7 < found.now.value < 0.8
    assert found.then.low <= 1.0 <= found.then.high + 0.02
    assert found.then.value == pytest.approx(1.0, abs=0.03)
    assert 400 < found.effective < 600


def test_where_nothing_was_left_to_chance_nothing_can_be_said() -> None:
    labelled, decisions = logged(400)
    certain = {name: replace(decision, propensity=1.0) for name, decision in decisions.items()}
    assert seen(labelled, certain) is None


def test_few_answers_say_nothing() -> None:
    assert seen(*logged(LEAST_ANSWERS - 1)) is None
    labelled, decisions = logged(200)
    away = {name: replace(decision, position=0, propensity=0.001) for name, decision in decisions.items()}
    assert seen(labelled, away) is None


def test_only_what_fits_together_counts() -> None:
    labelled, decisions = logged(300)
    first, second, third, fourth = labelled[:4]
    labelled[0] = replace(first, prompt=replace(first.prompt, features=None))
    del decisions[second.prompt.id]
    decisions[third.prompt.id] = replace(decisions[third.prompt.id], propensity=0.0)
    labelled[3] = replace(fourth, marks=(Mark("other", 1.0, "feedback", 0),))
    moved = labelled[4].prompt.id
    decisions[moved] = replace(decisions[moved], models=("other", "another"))
    found = seen(labelled, decisions)
    assert found is not None and found.answers == 295
