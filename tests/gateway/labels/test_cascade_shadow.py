"""What shadows tell of a cascade that has no certificate yet."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.routing.labels.kept import Labelled, Mark
from tests.support.shadowed import HAIKU, MINI, OPUS, ShadowedStack, answers, route, shadowed_stack
from tests.support.virtual_time import run_virtual

SAME, WRONG, DIFFER = "2 + 2", "3 + 3", "4 + 4"
SAID = answers(
    **{
        SAME: {MINI: "4", HAIKU: "it is 4.0", OPUS: "4"},
        WRONG: {MINI: "7", HAIKU: "7", OPUS: "6"},
        DIFFER: {MINI: "9", HAIKU: "8", OPUS: "8"},
    }
)


def cascade(**given: Any) -> Any:
    return route(
        policy="cascade",
        pool=[MINI, HAIKU, OPUS],
        cascade=given,
        grader={"kind": "number", "extract": "number"},
    )


def of_cascade(found: Labelled) -> Mark | None:
    return next((mark for mark in found.marks if mark.model.startswith("cascade_")), None)


async def label_of(world: ShadowedStack, prompt: str) -> tuple[Labelled, Mark | None]:
    await world.ask(prompt)
    found = (await world.settled())[-1]
    return found, of_cascade(found)


@pytest.mark.parametrize("certified", [True, False])
@pytest.mark.parametrize(
    ("prompt", "score", "whose", "calls"),
    [
        (SAME, 1.0, MINI, (MINI, HAIKU)),
        (WRONG, 0.0, MINI, (MINI, HAIKU)),
        (DIFFER, 1.0, OPUS, (MINI, HAIKU, OPUS)),
    ],
)
def test_a_shadow_tells_what_the_cascade_would_have_said_and_cost(
    prompt: str, score: float, whose: str, calls: tuple[str, ...], certified: bool
) -> None:
    async def work() -> None:
        async with shadowed_stack(cascade(certified=certified), replay=SAID) as world:
            found, mark = await label_of(world, prompt)
            marks = {each.model: each for each in found.marks}
            assert mark is not None
            assert (mark.score, mark.source) == (score, "shadow")
            assert mark.answer == marks[whose].answer
            assert mark.cost == sum(marks[model].cost or 0 for model in calls)
            assert set(marks) == {MINI, HAIKU, OPUS, mark.model}

    run_virtual(work)


def test_another_rule_is_another_cascade() -> None:
    async def work() -> None:
        names = set()
        for first in ([MINI, HAIKU], [HAIKU, MINI]):
            async with shadowed_stack(cascade(first=first), replay=SAID) as world:
                _, mark = await label_of(world, SAME)
                assert mark is not None
                names.add(mark.model)
        assert len(names) == 2

    run_virtual(work)


def test_where_several_answers_of_one_model_are_needed_nothing_is_told() -> None:
    async def work() -> None:
        async with shadowed_stack(cascade(accept="consistency"), replay=SAID) as world:
            found, mark = await label_of(world, SAME)
            assert found.marks and mark is None

    run_virtual(work)


def test_a_route_that_is_no_cascade_has_no_such_label() -> None:
    async def work() -> None:
        async with shadowed_stack(route(pool=[MINI, HAIKU, OPUS]), replay=SAID) as world:
            _, mark = await label_of(world, SAME)
            assert mark is None

    run_virtual(work)
