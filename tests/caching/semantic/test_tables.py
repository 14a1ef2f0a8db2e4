from __future__ import annotations

import pytest

from pointsman.caching.semantic.tables import (
    CALENDAR,
    FORMS,
    NEGATIONS,
    NUMBER_WORDS,
    QUESTIONS,
    SMALL_WORDS,
    UNITS,
)


@pytest.mark.parametrize("table", [CALENDAR, FORMS, NEGATIONS, NUMBER_WORDS, QUESTIONS, SMALL_WORDS, UNITS])
def test_words_are_in_small_letters(table: dict[str, object]) -> None:
    assert len(table) > 20
    assert [word for word in table if word != word.lower()] == []


def test_the_small_words_know_their_languages() -> None:
    assert SMALL_WORDS["the"] == {"en"}
    assert SMALL_WORDS["de"] >= {"fr", "es"}
