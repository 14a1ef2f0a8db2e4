from __future__ import annotations

import pytest

from pointsman.routing.labels import Grader, Question
from pointsman.routing.labels.graders import Kind, Spec, make_grader
from pointsman.routing.labels.subprocess import Passed

NEEDS: dict[Kind, bool] = {"exact": True, "number": True, "regex": False, "schema": False, "code": False}


@pytest.mark.parametrize("kind", NEEDS)
def test_each_says_whether_it_needs_a_reference(kind: Kind) -> None:
    grader: Grader = make_grader(
        Spec(kind, pattern="x", schema=b"true", tests="assert True"), lambda code, tests: Passed(1, 1)
    )
    assert grader.needs_reference is NEEDS[kind]
    assert grader.slow is (kind == "code")
    score = grader.grade(Question(), "1")
    assert (score is None) is NEEDS[kind]
