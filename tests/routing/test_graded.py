from __future__ import annotations

from pointsman.routing.graded import grade_prompts
from pointsman.routing.label import Label


def test_labels_of_one_prompt_come_together() -> None:
    labels = [
        Label("Why?", "weak", 0.0, input_tokens=3, output_tokens=4),
        Label("How?", "weak", 1.0, group="how"),
        Label("Why?", "strong", 1.0, input_tokens=3),
        Label("Why?", "weak", 1.0),
    ]
    why, how = grade_prompts(labels)
    assert (why.sample.text, why.scores, why.tokens) == (
        "Why?",
        {"weak": 0.5, "strong": 1.0},
        {"weak": (3, 4)},
    )
    assert (how.group, how.scores) == ("how", {"weak": 1.0})
    assert why.has(["weak", "strong"]) and not how.has(["weak", "strong"])
    assert why.id != how.id


def test_an_id_says_what_belongs_together() -> None:
    graded = grade_prompts([Label("a", "m", 1.0, id="1"), Label("b", "n", 0.0, id="1"), Label("a", "m", 0.0)])
    assert [g.scores for g in graded] == [{"m": 1.0, "n": 0.0}, {"m": 0.0}]
    assert graded[0].sample.text == "a"


def test_the_same_words_elsewhere_are_another_prompt() -> None:
    labels = [Label("a", "m", 1.0, route=route, tenant=tenant) for route in "rs" for tenant in "tu"]
    assert len(grade_prompts(labels)) == 4
