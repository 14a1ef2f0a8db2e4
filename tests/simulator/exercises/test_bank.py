from itertools import islice

import pytest

from pointsman.simulator.exercises import KINDS, MIX, WORDS, exercises, recognise


def test_they_are_many_and_each_is_known_again_by_its_text_alone() -> None:
    many = list(islice(exercises(1), 3000))
    assert len({each.prompt for each in many}) == 3000
    assert all(recognise(each.prompt) == each for each in many)


def test_equal_seeds_write_equal_exercises_and_others_others() -> None:
    first, again, other = (list(islice(exercises(seed), 50)) for seed in (1, 1, 2))
    assert first == again
    assert not {each.prompt for each in first} & {each.prompt for each in other}


def test_kinds_come_as_often_as_they_shall() -> None:
    many = list(islice(exercises(3), 2000))
    for kind, weight in MIX.items():
        share = sum(each.kind == kind for each in many) / 2000
        assert share == pytest.approx(weight / sum(MIX.values()), abs=0.035)
    assert {each.kind for each in islice(exercises(3, {"law": 1}), 50)} == {"law"}


def test_an_easy_mistake_is_one() -> None:
    assert all(each.slip != each.answer >= 0 for each in islice(exercises(4), 2000))


def test_every_kind_has_its_words() -> None:
    assert set(WORDS) == set(KINDS) == set(MIX)


@pytest.mark.parametrize(
    "prompt", ["", "Why do trains run late?", "There are 7 books in the library. Really."]
)
def test_other_prompts_are_no_exercises(prompt: str) -> None:
    assert recognise(prompt) is None
