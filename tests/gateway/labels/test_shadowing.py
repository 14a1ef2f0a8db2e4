"""Shadows through the whole journey, over simulated providers in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.gateway.labels.shadowing import GRACE, MOST, MOST_BYTES
from pointsman.routing.features import decode_features
from pointsman.simulator import Config, parse_faults
from tests.support.books import balance
from tests.support.gateway import Rig, ask
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE
from tests.support.shadowed import (
    CHAT,
    HAIKU,
    MESSAGES,
    MINI,
    OPUS,
    ShadowedStack,
    answers,
    route,
    shadowed_stack,
)
from tests.support.upstream import Scripted
from tests.support.virtual_time import run_virtual

SUM = "What is 2 + 2?"
AGREE = answers(**{SUM: {HAIKU: "It is 4.", OPUS: "4", MINI: "five: 5"}})


@pytest.mark.parametrize(
    ("path", "stream"), [(CHAT, False), (CHAT, True), (MESSAGES, False), (MESSAGES, True)]
)
def test_what_others_answer_becomes_labels(path: str, stream: bool) -> None:
    async def work() -> None:
        async with shadowed_stack(route(pool=[MINI, HAIKU, OPUS]), replay=AGREE) as world:
            call = await world.ask(SUM, path, stream=stream)
            assert (call.status, call.headers["x-pointsman-model"]) == (200, OPUS)
            (found,) = await world.settled()
            assert found.scores == {MINI: 0.0, HAIKU: 1.0, OPUS: 1.0}
            assert found.prompt.id == call.headers["x-request-id"]
            assert decode_features(found.prompt.features or b"").shape
            entries = {entry.request_id: entry for entry in world.stack.ledger.entries}
            assert len(entries) == 3
            for mark in found.marks:
                entry = entries[mark.answer]
                assert mark.source == "shadow"
                assert entry.usage is not None
                assert (mark.input_tokens, mark.output_tokens) == (entry.usage.prompt, entry.usage.output)
                assert (mark.cost, mark.model) == (entry.cost, entry.model)
            assert [entry.requested for entry in entries.values()] == ["auto", *["shadow:default"] * 2]
            assert not any(entry.stream for entry in list(entries.values())[1:])
            assert world.spent == sum(entry.cost or 0 for entry in list(entries.values())[1:])

    run_virtual(work)


def test_a_weak_answer_is_held_against_the_baseline() -> None:
    async def work() -> None:
        cheapest = route(policy="cheapest", grader={"kind": "exact"})
        async with shadowed_stack(cheapest, replay=AGREE) as world:
            call = await world.ask(SUM)
            assert call.headers["x-pointsman-model"] == HAIKU
            (found,) = await world.settled()
            assert found.scores == {HAIKU: 0.0, OPUS: 1.0}

    run_virtual(work)


def test_the_share_is_kept_to() -> None:
    async def work() -> None:
        async with shadowed_stack(route({"share": 0.05}), replay=AGREE, seed=3) as world:
            for _ in range(400):
                await world.ask(SUM)
            found = await world.settled()
            assert 10 <= len(found) <= 32

    run_virtual(work)


@pytest.mark.parametrize("grader", [{"kind": "number"}, {"kind": "judge", "model": MINI}])
def test_the_invoice_is_the_ledger_with_shadows_and_judges_too(grader: dict[str, Any]) -> None:
    async def work() -> None:
        faults = parse_faults("503:0.2, reset:0.1")
        async with shadowed_stack(
            route(grader=grader), Config(seed=1, faults=faults), delay=(0.01, 0.2)
        ) as world:
            for number in range(60):
                await world.ask(f"What is {number} + 2?", stream=number % 2 == 0)
            await world.settled()
            entries = world.stack.ledger.entries
            kinds = balance(entries, await world.stack.bill(), longest=2_048)
            assert kinds["exact"] > 60
            shadows = [entry for entry in entries if entry.requested == "shadow:default"]
            assert len(shadows) > 40
            assert all(len(entry.attempts) <= 1 for entry in shadows)
            own = [entry for entry in entries if entry.requested != "auto"]
            assert world.spent >= sum(entry.cost or 0 for entry in own)
            assert {entry.requested for entry in own} - {"shadow:default"} <= {"judge:default"}
            assert (len(own) > len(shadows)) == (grader["kind"] == "judge")

    run_virtual(work)


def test_no_more_is_spent_than_the_days_money() -> None:
    async def work() -> None:
        async with shadowed_stack(route({"daily_usd": 0.0125}), delay=(0.0, 1.0)) as world:
            for number in range(40):
                await world.ask(f"What is {number} + 2?")
            await world.settled()
            shadows = [e for e in world.stack.ledger.entries if e.requested == "shadow:default"]
            spent = sum(entry.cost or 0 for entry in shadows)
            assert 0 < spent == world.spent <= 12_500_000_000
            assert world.skipped["budget"] > 0

    run_virtual(work)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]}, "tools"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
                        ],
                    }
                ]
            },
            "media",
        ),
        ({"messages": [{"role": "user", "content": "x" * MOST_BYTES}]}, "too_long"),
    ],
)
def test_what_cannot_be_compared_is_left_alone(fields: dict[str, Any], reason: str) -> None:
    async def work() -> None:
        async with shadowed_stack(route(pool=[MINI, "gpt-4.1"])) as world:
            call = await world.ask(SUM, **fields)
            assert call.status == 200, call.body
            assert await world.settled() == []
            assert world.skipped == {reason: 1}

    run_virtual(work)


def test_an_answer_without_a_number_is_no_reference() -> None:
    async def work() -> None:
        replay = answers(**{SUM: {HAIKU: "4", OPUS: "I would rather not say."}})
        async with shadowed_stack(route(), replay=replay) as world:
            await world.ask(SUM)
            assert await world.settled() == []
            assert world.skipped == {"ungraded": 1}

    run_virtual(work)


def test_a_shadow_that_fails_is_no_matter_of_the_client() -> None:
    async def work() -> None:
        faults = parse_faults(f"{HAIKU}/503:1")
        async with shadowed_stack(route(), Config(faults=faults), replay=AGREE) as world:
            assert (await world.ask(SUM)).status == 200
            assert await world.settled() == []
            assert world.skipped == {"failed": 1}
            assert world.spent == 0

    run_virtual(work)


def test_a_client_never_waits_for_shadows() -> None:
    async def timed(world: ShadowedStack) -> list[float]:
        took = []
        for _ in range(20):
            before = world.stack.clock.monotonic()
            await world.ask(SUM)
            took.append(world.stack.clock.monotonic() - before)
        return took

    async def work() -> None:
        slow = Config(faults=parse_faults(f"{HAIKU}/stall:1:seconds=30"))
        async with shadowed_stack(route(), slow, replay=AGREE) as world:
            with_shadows = await timed(world)
        async with shadowed_stack(route({"share": 0.0}), slow, replay=AGREE) as world:
            assert with_shadows == await timed(world)

    run_virtual(work)


def test_a_stream_that_the_client_leaves_is_not_shadowed() -> None:
    async def work() -> None:
        async with shadowed_stack(route(), Config(pace="real")) as world:
            body = {"model": "auto", "max_tokens": 100, "stream": True}
            call = world.stack.call(CHAT, body | {"messages": [{"role": "user", "content": "Tell me."}]})
            task = asyncio.ensure_future(call.run())
            await call.first_chunk.wait()
            call.leave()
            await task
            assert await world.settled() == []
            assert world.skipped == {"no_answer": 1}

    run_virtual(work)


def test_so_many_at_a_time_and_no_more() -> None:
    async def work() -> None:
        slow = Config(faults=parse_faults(f"{HAIKU}/stall:1:seconds=30"))
        async with shadowed_stack(route(), slow, replay=AGREE) as world:
            for _ in range(MOST + 3):
                await world.ask(SUM)
            assert world.skipped == {"busy": 3}

    run_virtual(work)


async def shadow_under_way(world: ShadowedStack) -> None:
    """One request is answered, and its shadow has left."""
    left = asyncio.Event()
    await world.ask(SUM)
    world.stack.transport.on_send = lambda _: left.set()
    await left.wait()


def test_a_gateway_that_stops_lets_them_end() -> None:
    async def work() -> None:
        async with shadowed_stack(route(), Config(pace="real"), replay=AGREE) as world:
            await shadow_under_way(world)
            await world.stack.gateway.close()
            assert len(list(world.labels.labelled("default"))) == 1
            assert world.skipped == {}

    run_virtual(work)


def test_what_takes_too_long_then_is_given_up_and_booked() -> None:
    async def work() -> None:
        stalls = Config(faults=parse_faults(f"{HAIKU}/stall:1:after=1"))
        async with shadowed_stack(route(), stalls, replay=AGREE) as world:
            await shadow_under_way(world)
            before = world.stack.clock.monotonic()
            await world.stack.gateway.close()
            assert GRACE <= world.stack.clock.monotonic() - before < GRACE + 1
            assert world.skipped == {"closed": 1}
            shadow = world.stack.ledger.entries[-1]
            assert (shadow.requested, shadow.outcome) == ("shadow:default", "cut")
            assert world.spent >= (shadow.cost or 0) > 0

    run_virtual(work)


def test_without_the_right_to_keep_features_there_are_none() -> None:
    async def work() -> None:
        async with shadowed_stack(route(keep_prompts=False), replay=AGREE) as world:
            await world.ask(SUM)
            (found,) = await world.settled()
            assert found.prompt.features is None

    run_virtual(work)


def test_an_answer_that_our_cap_cut_says_nothing_of_its_model() -> None:
    async def work() -> None:
        long = answers(**{SUM: {HAIKU: "word " * 3000 + "4", OPUS: "4"}})
        async with shadowed_stack(route(), replay=long) as world:
            await world.ask(SUM, max_tokens=None)
            assert await world.settled() == []
            assert world.skipped == {"unfinished": 1}
            await world.ask(SUM, max_tokens=200)
            (found,) = await world.settled()
            assert found.scores == {HAIKU: 0.0, OPUS: 1.0}, "a cap of the client's is the same for all"

    run_virtual(work)


def test_when_the_money_is_used_up_an_answer_may_be_graded_by_itself() -> None:
    async def work() -> None:
        regex = {"kind": "regex", "pattern": r"\b4\b"}
        async with shadowed_stack(route({"daily_usd": 0.0}, grader=regex), replay=AGREE) as world:
            await world.ask(SUM)
            (found,) = await world.settled()
            assert [(mark.model, mark.score, mark.source) for mark in found.marks] == [(OPUS, 1.0, "grader")]
            assert world.skipped == {"budget": 1}
            assert world.stack.transport.sent == 1

    run_virtual(work)


def test_what_the_caller_pinned_is_not_drawn() -> None:
    async def work() -> None:
        async with shadowed_stack(route(), replay=AGREE) as world:
            body = {"model": "auto", "max_tokens": 100, "messages": [{"role": "user", "content": SUM}]}
            call = await world.stack.post(CHAT, body, {"x-pointsman-pin": HAIKU})
            assert call.headers["x-pointsman-model"] == HAIKU
            assert await world.settled() == []
            assert (world.skipped, world.stack.transport.sent) == ({}, 1)

    run_virtual(work)


async def test_several_answers_at_once_are_left_alone() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), given=route(pool=[MINI, OPENAI_MODEL]))
    call = await rig.post(CHAT, ask("auto", n=2))
    assert call.status == 200, call.body
    await rig.gateway.labelling.shadows.drain()
    assert dict(rig.gateway.labelling.metrics.skipped) == {("default", "choices"): 1}
    assert len(rig.transport.requests) == 1
