import pytest

from pointsman.simulator.exercises import names


@pytest.mark.parametrize("listed", ["PEOPLE", "CITIES", "MONTHS", "STOCK", "GOODS", "FIRMS", "FUNCTIONS"])
def test_words_are_there_once_and_hold_no_numbers(listed: str) -> None:
    words: tuple[str, ...] = getattr(names, listed)
    assert len(set(words)) == len(words) > 5
    assert not any(letter.isdigit() for word in words for letter in word)
