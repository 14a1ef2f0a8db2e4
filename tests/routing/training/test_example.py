from __future__ import annotations

import random

from pointsman.routing.features import featurise
from pointsman.routing.sample import Sample
from pointsman.routing.training.example import Example, draw, in_order
from tests.support.prompts import STRONG, WEAK, examples


def test_the_order_does_not_depend_on_how_they_came() -> None:
    known = examples(50)
    shuffled = random.Random(2).sample(known, len(known))
    assert [known[at] for at in in_order(known, (WEAK,))] == [
        shuffled[at] for at in in_order(shuffled, (WEAK,))
    ]


def test_what_no_model_of_the_pool_answered_is_left_out() -> None:
    features = featurise(Sample("x"))
    given = [Example(features, {"other": 1.0}), Example(features, {STRONG: 1.0}), Example(features, {})]
    assert in_order(given, (WEAK, STRONG)) == [1]


def test_copies_of_a_prompt_are_drawn_together_whoever_sent_them() -> None:
    one, copy = featurise(Sample("Why is it so?", tenant="t")), featurise(Sample("why is it so?", route="r"))
    assert draw(one, 7) == draw(copy, 7) != draw(one, 8)


def test_draws_are_even() -> None:
    parts = [draw(e.features, 0) % 5 for e in examples(2000)]
    assert all(330 < parts.count(part) < 470 for part in range(5))
