from __future__ import annotations

import pytest

from pointsman.caching.semantic.language import language
from pointsman.caching.semantic.question import form, question, same_question
from pointsman.caching.semantic.reading import read


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Who wrote it?", {"who"}),
        ("Tell me when and where.", {"when", "where"}),
        ("How many are there?", {"how-many"}),
        ("How long is it?", {"how-long"}),
        ("Is it true?", {"whether-is"}),
        ("Does it work?", {"whether"}),
        ("Can you explain it?", set()),
        ("Explain it.", set()),
        ("What's up?", {"what"}),
        ("Wie lange dauert es?", {"how-lange"}),
        ("Pourquoi ?", {"why"}),
        ("¿Por qué?", {"why"}),
        ("When was it built?", {"when"}),
        ("Was kostet das?", {"what"}),
        ("", set()),
    ],
)
def test_what_a_text_asks(text: str, asked: set[str]) -> None:
    reading = read(text)
    assert question(reading.words, language(reading)) == asked


def test_a_command_asks_what() -> None:
    what, nothing, how = frozenset({"what"}), frozenset[str](), frozenset({"how"})
    assert same_question(what, nothing) and same_question(nothing, what) and same_question(how, how)
    assert not same_question(how, nothing) and not same_question(how, what)


def test_when_is_any_time_and_a_sum_is_how_much() -> None:
    when, year, day = frozenset({"when"}), frozenset({"when-year"}), frozenset({"when-day"})
    assert same_question(when, year) and same_question(year, when) and not same_question(year, day)
    what, much = frozenset({"what"}), frozenset({"how-much"})
    assert same_question(what, much, sum_=True) and not same_question(what, much)


def test_the_form_of_an_answer() -> None:
    assert form(read("Write a short poem, as JSON")) == {"short", "poem", "json"}
