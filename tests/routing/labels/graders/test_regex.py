from __future__ import annotations

import pytest

from pointsman.errors import ConfigurationError
from pointsman.routing.labels import Question
from pointsman.routing.labels.graders.regex import RegexGrader


def test_it_searches_what_counts_of_the_answer() -> None:
    grader = RegexGrader(lambda text: text, r"^Ticket \d{4}$", "grader.pattern")
    assert grader.grade(Question(), "Ticket 1234") == 1.0
    assert grader.grade(Question(), "ticket 1234") == 0.0
    assert RegexGrader(lambda text: None, ".", "grader.pattern").grade(Question(), "x") == 0.0


def test_of_a_long_answer_the_end_counts() -> None:
    grader = RegexGrader(lambda text: text, "end$", "grader.pattern")
    assert grader.grade(Question(), "x" * 100_000 + "end") == 1.0


@pytest.mark.parametrize("pattern", ["(", "(a+)+$", ""])
def test_a_pattern_that_is_none_or_could_run_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match=r"grader\.pattern"):
        RegexGrader(lambda text: text, pattern, "grader.pattern")
