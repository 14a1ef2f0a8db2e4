"""What a cascade said, given again: to the cascade, and to nobody who asked for a model by name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.gateway.cache.cascaded import cost_of_all
from pointsman.gateway.call.account import AttemptRecord
from pointsman.simulator import Config
from tests.support.asgi import AsgiCall
from tests.support.cascading import (
    BASE,
    FIRST,
    OTHER,
    RECORDED,
    SAME,
    SECOND,
    WAYS,
    cascade,
    request,
    sent_to,
    text_of,
)
from tests.support.gateway import CHAT, MESSAGES, a_route
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

BELIEVED = 'Well.\n```json\n{"answer": "4"}\n```'


async def asked(
    stack: VirtualStack, prompt: str, model: str = "auto:x", path: str = CHAT, **more: Any
) -> AsgiCall:
    done = await stack.post(path, request(path, prompt, temperature=0, **more) | {"model": model})
    assert done.status == 200, done.body
    return done


def in_stack(work: Any, given: Settings | None = None) -> None:
    async def run() -> None:
        caching = given or cascade(cache={"enabled": True})
        async with virtual_stack(Config(replay=RECORDED), given=caching) as stack:
            await work(stack)

    run_virtual(run)


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_a_cheap_answer_that_was_believed_is_given_again_as_what_it_is(path: str, stream: bool) -> None:
    async def work(stack: VirtualStack) -> None:
        await asked(stack, SAME, path=CHAT if path == MESSAGES else MESSAGES)
        again = await asked(stack, SAME, path=path, stream=stream)
        assert text_of(path, stream, again.body) == BELIEVED
        assert (again.headers["x-pointsman-cache"], again.headers["x-pointsman-model"]) == ("hit", FIRST)
        assert again.headers["x-pointsman-route"] == "x; policy=cascade; reason=cascade; cascade=kept"
        first, second = stack.ledger.entries
        assert sent_to(first) == [(FIRST, "ok"), (SECOND, "ok")]
        assert (second.model, second.provider, second.cost, second.attempts) == (FIRST, "cache", 0, ())
        assert second.saved == first.cost, "both had to be asked to believe one"
        call = AsgiCall(stack.gateway.app, "GET", f"/v1/requests/{second.request_id}", [b""])
        told = (await call.run()).json()
        assert (told["model"], told["cache"], told["source"]) == (FIRST, "hit", first.request_id)
        assert (told["routing"]["model"], told["routing"]["cascade"]) == (FIRST, "kept")
        assert {each["would_have_cost_usd"] for each in told["routing"]["models"]} == {None}

    in_stack(work)


def test_who_asks_for_a_model_by_name_is_not_given_what_a_cascade_believed() -> None:
    async def work(stack: VirtualStack) -> None:
        await asked(stack, SAME)
        for model, text in ((BASE, "It is 4."), (FIRST, BELIEVED)):
            done = await asked(stack, SAME, model)
            assert done.headers["x-pointsman-cache"] == "miss"
            assert text_of(CHAT, False, done.body) == text
        again = await asked(stack, SAME)
        assert text_of(CHAT, False, again.body) == "It is 4.", "the baseline has said it by now"
        assert again.headers["x-pointsman-model"] == BASE

    in_stack(work)


def test_what_the_baseline_said_in_the_end_is_given_to_both() -> None:
    async def work(stack: VirtualStack) -> None:
        await asked(stack, OTHER)
        for model in ("auto:x", BASE):
            done = await asked(stack, OTHER, model)
            assert (done.headers["x-pointsman-cache"], done.headers["x-pointsman-model"]) == ("hit", BASE)
            assert text_of(CHAT, False, done.body) == "It is 56."
        escalated, *hits = stack.ledger.entries
        assert [entry.saved for entry in hits] == [escalated.attempts[-1].cost] * 2

    in_stack(work)


def test_another_cascade_shares_nothing_that_was_believed() -> None:
    async def work(stack: VirtualStack) -> None:
        await asked(stack, SAME)
        assert (await asked(stack, SAME, "auto:y")).headers["x-pointsman-cache"] == "miss"
        assert (await asked(stack, SAME, "auto:y")).headers["x-pointsman-cache"] == "hit"
        assert (await asked(stack, SAME)).headers["x-pointsman-cache"] == "hit"

    given = cascade(cache={"enabled": True})
    in_stack(work, msgspec.structs.replace(given, auto={"x": given.auto["x"], "y": given.auto["x"]}))


@pytest.mark.parametrize(("costs", "whole"), [((), 0), ((1, 2), 3), ((1, None), None)])
def test_what_is_not_known_of_one_is_not_known_of_all(
    costs: tuple[int | None, ...], whole: int | None
) -> None:
    records = [AttemptRecord(1, a_route(), 0.0, b"", cost=cost) for cost in costs]
    assert cost_of_all(records) == whole
