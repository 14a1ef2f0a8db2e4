import pytest

from pointsman.simulator.exercises.exercise import Numerals
from pointsman.simulator.exercises.reading import DOCUMENTS, FRENCH, GERMAN, SENTENCES, SPANISH


@pytest.mark.parametrize(
    ("numerals", "word", "value"),
    [(GERMAN, "fünfunddreißig", 35), (FRENCH, "soixante-neuf", 69), (SPANISH, "noventa y uno", 91)],
)
def test_words_are_the_numbers_that_they_name(numerals: Numerals, word: str, value: int) -> None:
    assert numerals.values[numerals.words.index(word)] == value
    assert len(set(numerals.words)) == len(numerals.words) == len(set(numerals.values))


@pytest.mark.parametrize(
    ("prompt", "answer", "slip"),
    [
        (
            "Larch Timber, order 12345 of 3 May: 20 desk lamps at 99 euros each, to be delivered to Cork "
            "within 4 days. What does one piece cost?",
            99,
            20,
        ),
        ("Elif escribe desde Cork: «En la vía hay cuarenta y dos vagones.» Which number is meant?", 42, 24),
    ],
)
def test_what_is_asked_for_is_found_among_the_rest(prompt: str, answer: int, slip: int) -> None:
    found = next(found for source in (*DOCUMENTS, *SENTENCES) if (found := source.read(prompt)) is not None)
    assert (found.answer, found.slip) == (answer, slip)
