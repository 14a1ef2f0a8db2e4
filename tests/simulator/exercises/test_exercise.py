import pytest

from pointsman.simulator.dice import Dice
from pointsman.simulator.exercises.exercise import Numerals, Place, Span, Template

PLACES: dict[str, Place] = {"n": Span(2, 9), "who": ("Ada", "Bo"), "word": Numerals(("uno", "dos"), (1, 2))}
TEMPLATE = Template(
    "sums", "{who} (or {who}?) has {n}+{word}.", lambda v: v["n"] + v["word"], lambda v: 4, PLACES
)


def test_it_reads_what_it_writes() -> None:
    for turn in range(30):
        written = TEMPLATE.write(Dice(1, b"", turn))
        assert TEMPLATE.read(written.prompt) == written


@pytest.mark.parametrize(
    ("prompt", "answer", "slip"),
    [("Bo (or Bo?) has 7+dos.", 9, 4), ("Ada (or Ada?) has 3+uno.", 4, 5)],
)
def test_answers_follow_from_what_stands_in_the_places(prompt: str, answer: int, slip: int) -> None:
    found = TEMPLATE.read(prompt)
    assert found is not None
    assert (found.answer, found.slip, found.kind) == (answer, slip, "sums")


@pytest.mark.parametrize(
    "prompt", ["Bo (or Ada?) has 7+dos.", "Bo (or Bo?) has x+dos.", "Bo (or Bo?) has 7+dos"]
)
def test_anything_else_it_has_not_written(prompt: str) -> None:
    assert TEMPLATE.read(prompt) is None
