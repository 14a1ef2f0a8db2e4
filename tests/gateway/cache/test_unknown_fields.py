"""Requests and answers with fields that nobody here has heard of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.equal_requests import caching, cold
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.upstream import Scripted

CONTEXT = {"edits": [{"type": "clear_tool_uses_20250919", "keep": {"type": "tool_uses", "value": 3}}]}
CLEARED = b'"context_management":{"applied_edits":[]},"foo":[1.50],'
ODD_OPENAI = OPENAI_WHOLE.replace(b"{", b'{"foo":{"b" : 1.50},', 1)
ODD_ANTHROPIC = ANTHROPIC_WHOLE.replace(b"{", b"{" + CLEARED, 1)
ODD_EVENT = b'event: context_management\ndata: {"type":"context_management","foo":1.50}\n\n'


def rig_of(*bodies: Any) -> Rig:
    whole = next(body for body in bodies if isinstance(body, bytes))
    streamed = [body for body in bodies if not isinstance(body, bytes)]

    def answer(request: Any) -> Scripted:
        return Scripted(body=streamed[0] if b'"stream":true' in request.body else whole)

    return Rig(otherwise=answer, given=caching())


async def told(rig: Rig, path: str, body: dict[str, Any]) -> str:
    answer = await rig.post(path, body)
    assert answer.status == 200, answer.body
    return str(answer.headers["x-pointsman-cache"])


@pytest.mark.parametrize(
    ("path", "model", "fields", "others", "answers"),
    [
        (CHAT, OPENAI_MODEL, {"foo": 1}, {"foo": 2}, (ODD_OPENAI, OPENAI_EVENTS)),
        (
            CHAT,
            OPENAI_MODEL,
            {"prediction": {"type": "content", "content": "a"}},
            {"prediction": {"type": "content", "content": "b"}},
            (ODD_OPENAI, OPENAI_EVENTS),
        ),
        (
            CHAT,
            OPENAI_MODEL,
            {"messages": [{"role": "user", "content": "Why?", "weight": 1}]},
            {"messages": [{"role": "user", "content": "Why?", "weight": 0}]},
            (ODD_OPENAI, OPENAI_EVENTS),
        ),
        (
            MESSAGES,
            ANTHROPIC_MODEL,
            {"context_management": CONTEXT},
            {"context_management": {"edits": []}},
            (ODD_ANTHROPIC, [*ANTHROPIC_EVENTS[:-2], ODD_EVENT, *ANTHROPIC_EVENTS[-2:]]),
        ),
    ],
)
async def test_the_same_again_is_told_to_the_byte_and_each_form_is_asked_for(
    path: str, model: str, fields: dict[str, Any], others: dict[str, Any], answers: tuple[Any, ...]
) -> None:
    rig = rig_of(*answers)
    for stream in (False, True):
        body = cold(model, stream=stream) | fields
        if path == CHAT and stream:
            body["stream_options"] = {"include_usage": True}
        first = await rig.post(path, body)
        again = await rig.post(path, dict(reversed(list(body.items()))))
        assert (first.headers["x-pointsman-cache"], again.headers["x-pointsman-cache"]) == ("miss", "hit")
        assert again.body == first.body == (b"".join(answers[1]) if stream else answers[0])
    assert len(rig.transport.requests) == 2
    assert await told(rig, path, cold(model) | others) == "miss"
    assert await told(rig, path, cold(model)) == "miss"


async def test_the_other_dialect_has_an_answer_of_its_own() -> None:
    rig = rig_of(ANTHROPIC_WHOLE)
    for path in (CHAT, MESSAGES):
        assert [await told(rig, path, cold(ANTHROPIC_MODEL, foo=1)) for _ in range(2)] == ["miss", "hit"]
    assert len(rig.transport.requests) == 2


@pytest.mark.parametrize("fields", [{"web_search_options": {}}, {"background": True}, {"best_of": 2}])
async def test_what_acts_outside_is_passed_by(fields: dict[str, Any]) -> None:
    rig = rig_of(OPENAI_WHOLE)
    assert [await told(rig, CHAT, cold(OPENAI_MODEL, **fields)) for _ in range(2)] == ["bypass"] * 2


async def test_arguments_that_name_a_field_twice_are_not_those_that_name_it_once() -> None:
    def calling(arguments: str) -> dict[str, Any]:
        function = {"name": "f", "arguments": arguments}
        call = {"id": "c", "type": "function", "function": function}
        said = [{"role": "assistant", "content": None, "tool_calls": [call]}]
        done = [{"role": "tool", "tool_call_id": "c", "content": "x"}]
        return cold(OPENAI_MODEL) | {"messages": [{"role": "user", "content": "Why?"}, *said, *done]}

    rig = rig_of(OPENAI_WHOLE)
    bodies = [calling(text) for text in ('{"a":1,"a":2}', '{"a":2}', '{ "a": 2 }')]
    assert [await told(rig, CHAT, body) for body in bodies] == ["miss", "miss", "hit"]
