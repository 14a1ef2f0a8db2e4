from __future__ import annotations

import pytest

from pointsman.routing.labels import Question
from pointsman.routing.labels.graders.code import CodeGrader, code_of
from pointsman.routing.labels.subprocess import Passed, run_tests

DOUBLE = "def double(x):\n    return 2 * x\n"
TESTS = "def test_two():\n    assert double(2) == 4\n\ndef test_text():\n    assert double('a') == 'aa'\n"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("x = 1", "x = 1"),
        ("Here:\n```python\nx = 1\n```\nDone.", "x = 1\n"),
        ("```\nx = 1\n```", "x = 1\n"),
        ("```bash\npip install x\n```\n```py\nx = 1\n```\nand\n```Python\ny = 2\n```", "x = 1\n\ny = 2\n"),
        ("```bash\nls\n```", "```bash\nls\n```"),
        ("```python\nx = 1", "```python\nx = 1"),
    ],
)
def test_the_python_of_an_answer(answer: str, code: str) -> None:
    assert code_of(answer) == code


def test_the_score_is_the_share_of_tests_that_pass() -> None:
    asked: list[tuple[str, str]] = []

    def run(code: str, tests: str) -> Passed | None:
        asked.append((code, tests))
        return {"half": Passed(1, 2), "none": None}.get(code.strip(), Passed(0, 0))

    grader = CodeGrader("the tests", run)
    assert [grader.grade(Question(), answer) for answer in ("half", "none", "?")] == [0.5, 0.0, 0.0]
    assert grader.grade(Question(tests="its own"), "half") == 0.5
    assert [tests for _, tests in asked] == ["the tests"] * 3 + ["its own"]
    assert CodeGrader(None, run).grade(Question(), "half") is None


def test_real_code_is_really_run() -> None:
    grader = CodeGrader(TESTS, run_tests)
    assert grader.grade(Question(), f"Sure!\n```python\n{DOUBLE}```") == 1.0
    assert grader.grade(Question(), "def double(x):\n    return x + 2") == 0.5
