from itertools import islice

import pytest

from pointsman.catalog import load_catalog
from pointsman.errors import ConfigurationError
from pointsman.routing.cascade.numerals import last_number
from pointsman.simulator.exercises import KINDS, Kind, exercises
from pointsman.simulator.menu import Menu
from pointsman.simulator.skills import parse_skills

WEAK, STRONG = "gpt-6-luna", "gpt-6-sol"
SKILLS = parse_skills("[gpt-6-luna]\nsums = 0.9\nlaw = 0.3\n[gpt-6-sol]\nsums = 1\nlaw = 0.9\ncode = 0", "x")


def _right(model: str, kind: Kind, seed: int = 1) -> list[bool]:
    said = []
    for exercise in islice(exercises(seed, {kind: 1}), 1000):
        answer = SKILLS.answer(exercise.prompt, (model,), seed)
        assert answer is not None
        said.append(last_number(answer) == str(exercise.answer))
    return said


@pytest.mark.parametrize(
    ("model", "kind", "share"),
    [
        (WEAK, "sums", 0.9),
        (WEAK, "law", 0.3),
        (STRONG, "sums", 1.0),
        (STRONG, "law", 0.9),
        (STRONG, "code", 0.0),
    ],
)
def test_a_kind_is_answered_rightly_as_often_as_the_skill_says(model: str, kind: Kind, share: float) -> None:
    assert sum(_right(model, kind)) / 1000 == pytest.approx(share, abs=0.045)


def test_what_is_hard_for_one_is_mostly_hard_for_the_other_and_not_always() -> None:
    weak, strong = _right(WEAK, "law"), _right(STRONG, "law")
    only_weak = sum(w and not s for w, s in zip(weak, strong, strict=True))
    assert 0 < only_weak < 1000 * 0.3 * 0.1


def test_the_same_seed_says_the_same_and_another_something_else() -> None:
    prompts = [exercise.prompt for exercise in islice(exercises(5), 40)]
    said = [[SKILLS.answer(prompt, (WEAK,), seed) for prompt in prompts] for seed in (1, 1, 2)]
    assert said[0] == said[1] != said[2]


def test_nothing_is_said_of_other_prompts_models_and_kinds() -> None:
    exercise = next(exercises(1, {"sums": 1}))
    assert SKILLS.answer(f"  {exercise.prompt}\n", ("other", WEAK), 1) is not None
    assert SKILLS.answer(exercise.prompt, ("other",), 1) is None
    assert SKILLS.answer("Why do trains run late?", (WEAK,), 1) is None
    assert SKILLS.answer(next(exercises(1, {"code": 1})).prompt, (WEAK,), 1) is None


def test_a_model_is_found_by_any_of_its_names_on_the_menu() -> None:
    exercise = next(exercises(1, {"sums": 1}))
    menu = Menu(load_catalog(), None, SKILLS, 1)
    model = menu.find(STRONG, "openai")
    assert menu.recorded(model, "an alias", exercise.prompt) == SKILLS.answer(exercise.prompt, (STRONG,), 1)


@pytest.mark.parametrize("text", ["[m", "[m]\nsums = 2", "[m]\nknitting = 0.5", "sums = 0.5"])
def test_what_is_wrong_is_named(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"skills\.toml"):
        parse_skills(text, "skills.toml")


def test_kinds_are_those_of_the_exercises() -> None:
    text = "[m]\n" + "\n".join(f"{kind} = 0.5" for kind in KINDS)
    assert parse_skills(text, "x").models == {"m"}
