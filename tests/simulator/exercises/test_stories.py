import pytest

from pointsman.simulator.dice import Dice
from pointsman.simulator.exercises.stories import Stories

SHORT, LONG = Stories("sums", 1, 2), Stories("steps", 5, 7)


@pytest.mark.parametrize(
    ("prompt", "answer", "slip"),
    [
        ("There are 60 books in the library. 5 are taken away. How many are left in the end?", 55, 60),
        (
            "In the morning Uma counts 100 coats in the shop. Then 3 lorries bring 10 each. Ivan removes "
            "7 of them. What is the number of coats in the shop after that?",
            123,
            130,
        ),
    ],
)
def test_what_happens_is_reckoned(prompt: str, answer: int, slip: int) -> None:
    found = SHORT.read(prompt)
    assert found is not None and (found.answer, found.slip) == (answer, slip)
    assert LONG.read(prompt) is None


def test_stories_are_as_long_as_they_shall_be_and_never_run_out_of_stock() -> None:
    for turn in range(200):
        story = LONG.write(Dice(2, b"", turn))
        assert 5 <= story.prompt.count(". ") - 1 <= 7
        assert story.answer >= 0


@pytest.mark.parametrize(
    "prompt",
    [
        "There are 60 books in the library. They burn. How many are left in the end?",
        "There are 60 books in the library. How many are left in the end?",
        "How many are left in the end?",
    ],
)
def test_what_it_has_not_told_it_does_not_know(prompt: str) -> None:
    assert SHORT.read(prompt) is None
