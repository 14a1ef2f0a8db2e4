from __future__ import annotations

import pytest

from pointsman.routing.cascade import extractor
from pointsman.routing.labels import Question
from pointsman.routing.labels.graders.exact import ExactGrader, same_text


@pytest.mark.parametrize(
    ("extract", "reference", "answer", "score"),
    [
        ("text", "Paris", "  paris\n", 1.0),
        ("text", "Paris", "Paris.", 1.0),
        ("text", "Paris", "It is Paris.", 0.0),
        ("text", "Caf\u00e9", "cafe\u0301", 1.0),
        ("text", "STRASSE", "Stra\u00dfe", 1.0),
        ("text", "a b", "a  \t b", 1.0),
        ("text", "a b", "ab", 0.0),
        ("text", "a-b", "a b", 0.0),
        ("text", "Paris", "", 0.0),
        ("text", "", "Paris", None),
        ("text", None, "Paris", None),
        ("choice", "(B)", "I think the answer is B", 1.0),
        ("choice", "(B)", "I do not know", 0.0),
        ("choice", "no idea at all", "B", None),
        ("json:city", '{"city": "Paris"}', 'Here: {"country": "France", "city": "PARIS"}', 1.0),
    ],
)
def test_case_and_space_do_not_count_and_all_else_does(
    extract: str, reference: str | None, answer: str, score: float | None
) -> None:
    assert ExactGrader(extractor(extract)).grade(Question(reference=reference), answer) == score


def test_what_unicode_writes_in_two_ways_is_the_same() -> None:
    assert same_text("\u00e9 X", "e\u0301  x")
    assert not same_text("\u00b2", "2")
