from __future__ import annotations

import random

import pytest

from pointsman.cli.route.training_verdict import summarise
from pointsman.routing.graded import Graded
from pointsman.routing.judgement import Judgement
from pointsman.routing.sample import Sample


def world(
    count: int, *, gap: float, grouped: bool = False
) -> tuple[list[Graded], dict[int, Judgement], dict[int, Judgement]]:
    """Prompts whose weak answers fail by half where hard, and judges that see that, and that see nothing."""
    rng = random.Random(1)
    prompts, seeing, blind = [], {}, {}
    for at in range(count):
        hard = at % 2 == 1
        scores = {"weak": float(rng.random() > (gap if hard else 0.0)), "strong": 1.0}
        group = ("hard" if hard else "easy") if grouped else ""
        prompts.append(Graded(str(at), Sample("x" * rng.randint(1, 50)), group, scores, {}))
        seeing[at] = Judgement((1 - gap if hard else 1.0, 1.0), (gap if hard else 0.0, 0.0), 1.0)
        blind[at] = Judgement((0.5, 1.0), (rng.random(), 0.0), 1.0)
    return prompts, seeing, blind


@pytest.mark.parametrize(
    ("gap", "sees", "grouped", "verdict"),
    [
        (0.5, True, False, "signal"),
        (0.5, False, False, "no signal: not shown"),
        (0.0, True, False, "no gap: strong is not shown to be better than weak"),
    ],
)
def test_the_verdict(gap: float, sees: bool, grouped: bool, verdict: str) -> None:
    prompts, seeing, blind = world(600, gap=gap, grouped=grouped)
    (pair,) = summarise(prompts, ("weak", "strong"), seeing if sees else blind, 200, 0)
    assert pair.verdict.startswith(verdict)
    assert (pair.weak, pair.strong, pair.prompts) == ("weak", "strong", 600)


def test_a_router_that_knows_less_than_the_group_is_said_to() -> None:
    prompts, seeing, blind = world(600, gap=0.5, grouped=True)
    half = {at: (seeing if at % 5 else blind)[at] for at in seeing}
    (pair,) = summarise(prompts, ("weak", "strong"), half, 200, 0)
    assert pair.apgr is not None and pair.group_prior is not None
    assert 0.5 < pair.apgr < pair.group_prior
    assert pair.verdict == "no signal beyond the group of a prompt"


def test_too_few_prompts_of_both_make_no_verdict() -> None:
    prompts, seeing, _ = world(29, gap=0.5)
    (pair,) = summarise(prompts, ("weak", "strong"), seeing, 200, 0)
    assert pair.verdict == "no verdict: 29 prompts have scores of both, and 30 are needed"
    assert pair.apgr is None
