"""The example of docs/router-training.md prints what the page says."""

from __future__ import annotations

from pointsman.routing.features import HEAD, TAIL
from tests.support.pages import DOCS, examples, run_python

PAGE = "router-training.md"


def test_the_example() -> None:
    (python,) = [example for example in examples(PAGE) if example.language == "python"]
    assert python.output
    assert run_python(python, PAGE, {}) == python.output


def test_the_bounds_are_those_of_the_code() -> None:
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    assert f"the first {HEAD:,} and the last {TAIL:,} are read" in text.replace("\n", " ")
