from __future__ import annotations

import pytest

from pointsman.errors import ConfigurationError
from pointsman.routing.labels import Question
from pointsman.routing.labels.graders import Spec, make_grader
from pointsman.routing.labels.subprocess import Passed


def run(code: str, tests: str) -> Passed:
    return Passed(1, 2)


@pytest.mark.parametrize(
    ("spec", "question", "answer", "score"),
    [
        (Spec("exact", extract="choice"), Question(reference="B"), "The answer is (B).", 1.0),
        (Spec("number", extract="number"), Question(reference="1,000"), "So 1000 km", 1.0),
        (Spec("regex", pattern="^Yes"), Question(), "Yes.", 1.0),
        (Spec("schema", schema=b'{"type": "integer"}'), Question(), "1", 1.0),
        (Spec("code", tests="assert True"), Question(), "x = 1", 0.5),
    ],
)
def test_each_kind_is_made(spec: Spec, question: Question, answer: str, score: float) -> None:
    assert make_grader(spec, run).grade(question, answer) == score


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (Spec("exact", extract="colour"), "auto.default.grader.extract"),
        (Spec("regex"), "auto.default.grader.pattern: a grader of kind regex needs"),
        (Spec("regex", pattern="("), "auto.default.grader.pattern"),
        (Spec("schema", schema=b"{"), "auto.default.grader.schema: this is no JSON schema"),
        (Spec("schema", schema=b"3"), "auto.default.grader.schema"),
    ],
)
def test_what_is_missing_or_wrong_is_named(spec: Spec, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make_grader(spec, run, "auto.default.grader")
