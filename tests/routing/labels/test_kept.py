from __future__ import annotations

from pointsman.routing.labels.kept import SOURCES, Labelled
from tests.support.labels_contract import a_mark, a_prompt


def test_several_marks_of_a_model_are_one_score() -> None:
    marks = (a_mark("a", 1.0), a_mark("a", 0.0, source="feedback"), a_mark("b", 0.5, input_tokens=3))
    found = Labelled(a_prompt(), marks)
    assert found.scores == {"a": 0.5, "b": 0.5}
    assert found.tokens == {}, "output is not known"
    assert found.costs == {}


def test_the_sources_are_told_apart() -> None:
    assert SOURCES == ("feedback", "shadow", "grader", "import")
