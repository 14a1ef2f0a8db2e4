"""Shared calls for model "auto": what a route decided holds for all who share it, and for nobody else."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from pointsman.config.cache import CacheSettings
from pointsman.simulator import Config
from tests.support.asgi import AsgiCall
from tests.support.cascading import (
    BASE,
    FIRST,
    OTHER,
    RECORDED,
    SAME,
    WAYS,
    cascade,
    nothing_left,
    request,
    text_of,
)
from tests.support.gateway import CHAT, MESSAGES
from tests.support.shadowed import HAIKU, OPUS, answers, route, shadowed_stack
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

ON = {"enabled": True, "sampled": True}
ALL = WAYS * 3


async def ask_all(stack: VirtualStack, prompt: str) -> list[AsgiCall]:
    return await asyncio.gather(
        *[stack.post(path, request(path, prompt, stream=stream)) for path, stream in ALL]
    )


@pytest.mark.parametrize(
    ("prompt", "said", "model", "cheap"),
    [
        (SAME, 'Well.\n```json\n{"answer": "4"}\n```', FIRST, "accepted; because=agree"),
        (OTHER, "It is 56.", BASE, "escalated; because=differ"),
    ],
)
def test_a_cascade_is_gone_through_once_for_all(prompt: str, said: str, model: str, cheap: str) -> None:
    async def work() -> None:
        given = cascade(cache=ON)
        async with virtual_stack(Config(replay=RECORDED, pace="real"), given=given) as stack:
            calls = await ask_all(stack, prompt)
            for (path, stream), call in zip(ALL, calls, strict=True):
                assert call.status == 200 and text_of(path, stream, call.body) == said
                assert call.headers["x-pointsman-model"] == model
                if not stream:
                    assert call.headers["x-pointsman-route"].endswith(f"cascade={cheap}")
            paid = [entry for entry in stack.ledger.entries if entry.attempts]
            assert len(paid) == 1 and len(paid[0].attempts) == (2 if model == FIRST else 3)
            assert {entry.model for entry in stack.ledger.entries} == {model}
            assert sum(entry.cost or 0 for entry in stack.ledger.entries) == paid[0].cost
            found = [
                await stack.gateway.routing.journal.find(entry.request_id) for entry in stack.ledger.entries
            ]
            told = {one.decision.cascade for one in found if one is not None}
            assert len(told) == 1 and told.pop().startswith(cheap.partition(";")[0])
            await nothing_left(stack)

    run_virtual(work)


def test_who_asks_for_the_baseline_itself_does_not_share_a_cascade() -> None:
    async def work() -> None:
        async with virtual_stack(Config(replay=RECORDED, pace="real"), given=cascade(cache=ON)) as stack:
            body = request(CHAT, SAME)
            chosen, plain = await asyncio.gather(
                stack.post(CHAT, body), stack.post(CHAT, body | {"model": BASE})
            )
            assert chosen.headers["x-pointsman-model"] == FIRST
            assert plain.headers["x-pointsman-model"] == BASE
            assert json.loads(plain.body)["choices"][0]["message"]["content"] == "It is 4."
            assert {call.headers["x-pointsman-cache"] for call in (chosen, plain)} == {"miss"}

    run_virtual(work)


@pytest.mark.parametrize("streams", [False, True])
def test_a_shared_call_is_shadowed_once(streams: bool) -> None:
    async def work() -> None:
        given = msgspec.structs.replace(route(), cache=CacheSettings(enabled=True, sampled=True))
        agree = answers(six={HAIKU: "It is 6.", OPUS: "6"})
        async with shadowed_stack(given, Config(pace="real"), replay=agree) as world:
            calls = await asyncio.gather(
                *[world.ask("six", path, stream=streams) for path in (CHAT, MESSAGES) * 3]
            )
            assert {call.status for call in calls} == {200}
            assert [call.headers["x-pointsman-cache"] for call in calls].count("coalesced") == 5
            (labelled,) = await world.settled()
            assert labelled.prompt.id == calls[0].headers["x-request-id"]
            assert set(labelled.scores) == {HAIKU, OPUS}

    run_virtual(work)
