"""Cheap first: who answers, what is booked, what the client sees and when."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.simulator import Config
from tests.support.cascading import (
    BASE,
    FIRST,
    OTHER,
    RECORDED,
    SECOND,
    WAYS,
    cascade,
    nothing_left,
    only,
    request,
    sent_to,
    text_of,
)
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import ANTHROPIC_WHOLE, OPENAI_WHOLE
from tests.support.upstream import Scripted
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_what_two_cheap_models_agree_on_is_the_answer(path: str, stream: bool) -> None:
    async def work() -> None:
        async with virtual_stack(Config(replay=RECORDED), given=cascade()) as stack:
            done = await stack.post(path, request(path, stream=stream))
            assert done.status == 200
            assert text_of(path, stream, done.body) == 'Well.\n```json\n{"answer": "4"}\n```'
            assert done.headers["x-pointsman-model"] == FIRST
            assert done.headers["x-pointsman-attempts"] == "2"
            assert done.headers["x-pointsman-route"].endswith("cascade=accepted; because=agree")
            entry = only(stack)
            assert (entry.outcome, entry.model, entry.requested) == ("ok", FIRST, "auto:x")
            assert sent_to(entry) == [(FIRST, "ok"), (SECOND, "ok")]
            assert stack.gateway.flow.counted.counts["cascades_accepted", "x", "agree"] == 1
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_where_they_differ_the_baseline_answers_and_nothing_else_is_seen(path: str, stream: bool) -> None:
    async def work() -> None:
        async with virtual_stack(Config(replay=RECORDED), given=cascade()) as stack:
            done = await stack.post(path, request(path, OTHER, stream=stream))
            assert text_of(path, stream, done.body) == "It is 56."
            assert b"answer" not in done.body.replace(b"answered", b"")
            assert done.headers["x-pointsman-model"] == BASE
            assert done.headers["x-pointsman-attempts"] == "3"
            assert done.headers["x-pointsman-route"].endswith("cascade=escalated; because=differ")
            entry = only(stack)
            assert sent_to(entry) == [(FIRST, "ok"), (SECOND, "ok"), (BASE, "ok")]
            assert (entry.model, entry.outcome) == (BASE, "ok")
            shown = (await stack.call(f"/v1/requests/{entry.request_id}", method="GET").run()).json()
            assert [attempt["number"] for attempt in shown["attempts"]] == [1, 2, 3]
            assert stack.gateway.flow.counted.counts["cascades_escalated", "x", "differ"] == 1
            await nothing_left(stack)

    run_virtual(work)


def test_without_a_certificate_the_baseline_answers_and_says_so() -> None:
    async def work() -> None:
        given = cascade(cascade={"certified": True})
        async with virtual_stack(Config(replay=RECORDED), given=given) as stack:
            done = await stack.post(CHAT, request(CHAT))
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (BASE, 1)
            assert "reason=no_certificate" in done.headers["x-pointsman-route"]
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_an_accepted_answer_in_the_clients_dialect_passes_through_to_the_byte(path: str) -> None:
    async def work() -> None:
        whole = OPENAI_WHOLE if path == CHAT else ANTHROPIC_WHOLE
        pool = [SECOND, "gpt-4o", BASE] if path == CHAT else [FIRST, "claude-opus-4-5", BASE]
        given = cascade(auto={"pool": pool, "grader": {"extract": "text"}})
        rig = Rig(Scripted(body=whole), Scripted(body=whole), given=given)
        done = await rig.post(path, request(path, extra={"kept": 1}))
        assert (done.status, done.body) == (200, whole)
        assert [rig.sent(number)["extra"] for number in (0, 1)] == [{"kept": 1}] * 2
        assert [rig.sent(number)["model"] for number in (0, 1)] == pool[:2]

    run_virtual(work)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_cheap_models_are_asked_whole_and_the_baseline_as_the_client_asked(path: str) -> None:
    async def work() -> None:
        given = cascade(auto={"pool": [SECOND, "gpt-4o", "gpt-4.1"]})
        rig = Rig(Scripted(body=OPENAI_WHOLE), Scripted(body=OPENAI_WHOLE), given=given)
        more: dict[str, Any] = {"stream_options": {"include_usage": True}} if path == CHAT else {}
        await rig.post(path, request(path, stream=True, **more))
        cheap, other, strong = (rig.sent(number) for number in range(3))
        assert not cheap.get("stream") and not other.get("stream") and strong["stream"] is True
        assert "stream_options" not in cheap

    run_virtual(work)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_tools_that_are_called_rightly_are_accepted(path: str, stream: bool) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool: dict[str, Any] = {"name": "get_weather", "input_schema": schema}
    if path == CHAT:
        tool = {"type": "function", "function": {"name": "get_weather", "parameters": schema}}

    async def work() -> None:
        async with virtual_stack(given=cascade("tools")) as stack:
            asks = request(path, "What is the weather in Rome?", stream=stream, tools=[tool])
            done = await stack.post(path, asks)
            assert "because=tools" in done.headers["x-pointsman-route"]
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (FIRST, 1)
            assert b"get_weather" in done.body
            plain = await stack.post(path, request(path, "Hello"))
            assert "because=nothing_to_check" in plain.headers["x-pointsman-route"]
            assert (plain.headers["x-pointsman-model"], stack.transport.sent) == (BASE, 2)
            await nothing_left(stack)

    run_virtual(work)


def test_an_answer_in_the_schema_is_accepted() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}

    async def work() -> None:
        async with virtual_stack(given=cascade("schema")) as stack:
            done = await stack.post(CHAT, request(CHAT, "How many?", response_format=wanted))
            assert "cascade=accepted; because=schema" in done.headers["x-pointsman-route"]
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (FIRST, 1)
            await nothing_left(stack)

    run_virtual(work)


def test_several_answers_of_one_model_are_all_booked() -> None:
    async def work() -> None:
        given = cascade("consistency", cascade={"samples": 4, "share": 0.75})
        async with virtual_stack(Config(replay=RECORDED), given=given) as stack:
            done = await stack.post(CHAT, request(CHAT))
            assert "because=majority" in done.headers["x-pointsman-route"]
            assert sent_to(only(stack)) == [(FIRST, "ok")] * 4
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize(
    "more",
    [{"n": 2}, {"store": True}, {"web_search_options": {}}, {"stream": True, "logprobs": True}],
)
def test_what_is_none_for_several_models_goes_to_the_baseline_alone(more: dict[str, Any]) -> None:
    async def work() -> None:
        given = cascade(auto={"pool": [SECOND, "gpt-4o", "gpt-4.1"]})
        rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=given)
        await rig.post(CHAT, request(CHAT) | more)
        assert rig.sent(0)["model"] == "gpt-4.1"
        counted = rig.gateway.flow.counted.counts
        assert counted["cascades_escalated", "x", "nothing_to_check"] == 1

    run_virtual(work)
