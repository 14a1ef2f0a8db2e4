from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.labels import Question
from pointsman.routing.labels.graders import Spec, make_grader
from pointsman.routing.labels.graders.number import NumberGrader
from pointsman.routing.labels.subprocess import Passed


def grade(reference: str, answer: str, extract: str = "text") -> float | None:
    grader = make_grader(Spec("number", extract=extract), lambda code, tests: Passed(0, 1))
    return grader.grade(Question(reference=reference), answer)


@pytest.mark.parametrize(
    ("reference", "answer", "score"),
    [
        ("1200", "The total is $1,200.00.", 1.0),
        ("0.75", "3/4", 1.0),
        ("3/4", "\\boxed{\\frac{3}{4}}", 1.0),
        ("18", "18 %", 1.0),
        ("0.18", "18 %.", 1.0),
        ("18%", "0.18", 1.0),
        ("18%", "0.18%", 0.0),
        ("18%", "1,800%", 0.0),
        ("1800", "18%", 0.0),
        ("5", "5 hours", 1.0),
        ("5", "first 7, then 5", 1.0),
        ("5", "first 5, then 7", 0.0),
        ("-3", "-3", 1.0),
        ("-3", "3", 0.0),
        ("1", "1.0000001", 1.0),
        ("1", "1.00001", 0.0),
        ("0", "0.0000001", 0.0),
        ("1e3", "1000", 1.0),
        ("42", "I do not know", 0.0),
        ("nothing", "42", None),
        ("1" * 5000, "1" * 5000, None),
    ],
)
def test_the_same_number_however_it_is_written(reference: str, answer: str, score: float | None) -> None:
    assert grade(reference, answer) == score


def test_without_a_reference_nothing_is_graded() -> None:
    assert NumberGrader(lambda text: text).grade(Question(), "42") is None


def test_a_field_of_json_can_be_the_number() -> None:
    assert grade('{"n": 3}', '{"why": "9 lives", "n": "3"}', "json:n") == 1.0
    assert grade('{"n": 3}', "3", "json:n") == 0.0


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_a_number_equals_itself_and_no_other(value: int, step: int) -> None:
    assert grade(str(value), f"So it is {value:,}.") == 1.0
    far = value + step * (1 + abs(value) // 10**5)
    assert grade(str(value), f"So it is {far}.") == 0.0


@given(st.fractions(max_denominator=1000), st.text(max_size=40))
def test_no_text_breaks_it(reference: Fraction, answer: str) -> None:
    assert grade(str(reference), answer) in (0.0, 1.0)
