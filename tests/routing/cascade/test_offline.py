from __future__ import annotations

import pytest

from pointsman.routing.cascade import Agreement, Consistency, WellExpected, extractor
from pointsman.routing.cascade.offline import Played, cost_of_calls, play, play_all
from pointsman.routing.graded import Graded, grade_prompts
from pointsman.routing.label import Label

AGREE = Agreement(extractor("number"))


def prompts(*answers: dict[str, list[tuple[str, float]]]) -> list[Graded]:
    return grade_prompts(
        Label(f"prompt {number}", model, score, answer=text, input_tokens=10, output_tokens=len(text))
        for number, by_model in enumerate(answers)
        for model, given in by_model.items()
        for text, score in given
    )


def test_answers_are_kept_with_their_scores() -> None:
    (prompt,) = prompts({"a": [("1", 1.0), ("2", 0.0)], "b": [("", 0.5)]})
    assert prompt.answers == {"a": (("1", 1.0), ("2", 0.0))}
    assert prompt.scores == {"a": 0.5, "b": 0.5}


@pytest.mark.parametrize(
    ("weak", "other", "strong", "score", "accepted"),
    [
        (("4", 1.0), ("4.0", 1.0), ("4", 1.0), 1.0, True),
        (("5", 0.0), ("5", 0.0), ("4", 1.0), 0.0, True),
        (("5", 0.0), ("4", 1.0), ("4", 1.0), 1.0, False),
        (("4", 1.0), ("4", 1.0), ("5", 0.0), 1.0, True),
    ],
)
def test_the_score_is_that_of_the_answer_that_is_given(
    weak: tuple[str, float], other: tuple[str, float], strong: tuple[str, float], score: float, accepted: bool
) -> None:
    (prompt,) = prompts({"a": [weak], "b": [other], "s": [strong]})
    played = play(prompt, ("a", "b"), "s", AGREE)
    assert played is not None
    assert (played.score, played.accepted) == (score, accepted)
    assert played.calls == (("a", "b") if accepted else ("a", "b", "s"))
    assert played.loss == strong[1] - score


def test_prompts_without_an_answer_or_the_baseline_are_left_out() -> None:
    whole = {"a": [("1", 1.0)], "b": [("1", 1.0)], "s": [("1", 1.0)]}
    without_s, without_b = {"a": whole["a"], "b": whole["b"]}, {"a": whole["a"], "s": whole["s"]}
    assert len(play_all(prompts(whole, without_s, without_b), ("a", "b"), "s", AGREE)) == 1


def test_several_answers_of_one_model_are_all_paid() -> None:
    (prompt,) = prompts({"a": [("3", 0.0), ("4", 1.0), ("4", 1.0)], "s": [("4", 1.0)]})
    rule = Consistency(extractor("number"), 0.6)
    played = play(prompt, ("a",), "s", rule, samples=3)
    assert played == Played(prompt.id, 1.0, 1.0, ("a", "a", "a"), True, "majority")
    assert play(prompt, ("a",), "s", rule, samples=4) is None


def test_what_a_router_expects_decides_before_anything_is_asked() -> None:
    (prompt,) = prompts({"a": [("3", 0.0)], "s": [("4", 1.0)]})
    (risky,) = play_all([prompt], ("a",), "s", WellExpected(0.1), expect=lambda sample: 0.5)
    assert (risky.calls, risky.score, risky.because) == (("s",), 1.0, "risky")
    (safe,) = play_all([prompt], ("a",), "s", WellExpected(0.1), expect=lambda sample: 0.05)
    assert (safe.calls, safe.score, safe.because) == (("a",), 0.0, "score")


def test_every_call_is_paid() -> None:
    tokens, prices = {"a": (10, 5), "s": (10, 20)}, {"a": (1.0, 2.0), "s": (10.0, 100.0)}
    assert cost_of_calls(("a", "a", "s"), tokens, prices) == 2 * 20 + 2100
    assert cost_of_calls((), tokens, prices) == 0
    with pytest.raises(KeyError):
        cost_of_calls(("b",), tokens, prices)
