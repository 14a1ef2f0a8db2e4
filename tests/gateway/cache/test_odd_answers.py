"""Answers, bounds and clocks as nobody would wish for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from pointsman.gateway.cache.metrics import CachePurge, CacheView
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
from tests.support.upstream import Scripted, Wait

COALESCE = pytest.mark.parametrize("coalesce", [False, True])


def block(index: int, kind: str, *deltas: str) -> bytes:
    said = [
        ("start", f'"content_block":{kind}'),
        *(("delta", f'"delta":{delta}') for delta in deltas),
        ("stop", '"odd":0'),
    ]
    return "".join(
        f'event: content_block_{name}\ndata: {{"type":"content_block_{name}","index":{index},{rest}}}\n\n'
        for name, rest in said
    ).encode()


def chunk(rest: str) -> bytes:
    return f'data: {{"id":"chatcmpl-1","created":1,"model":"gpt-6-luna",{rest}}}\n\n'.encode()


THINKING = block(
    0,
    '{"type":"thinking","thinking":"","signature":""}',
    '{"type":"thinking_delta","thinking":"Hm"}',
    '{"type":"signature_delta","signature":"c2ln"}',
)
CALLING = block(
    1,
    '{"type":"tool_use","id":"toolu_1","name":"f","input":{}}',
    '{"type":"input_json_delta","partial_json":""}',
    '{"type":"input_json_delta","partial_json":"{\\"a\\": 1}"}',
)
CITING = block(
    1,
    '{"type":"text","text":"","citations":[]}',
    '{"type":"text_delta","text":"Green."}',
    '{"type":"citations_delta","citation":{"type":"char_location","cited_text":"grass"}}',
)
HEAD, TAIL = ANTHROPIC_EVENTS[0], ANTHROPIC_EVENTS[-2:]
FINISH = '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]'
USAGE = '"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}'
ERROR = b'data: {"error":{"message":"Broke.","type":"server_error","code":null}}\n\n'
ANTHROPIC_ERROR = (
    b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"No."}}\n\n'
)
DONE = b"data: [DONE]\n\n"


def view_of(rig: Rig) -> CacheView:
    assert rig.gateway.cache is not None
    return rig.gateway.cache.view()


@COALESCE
@pytest.mark.parametrize(
    ("path", "model", "pieces"),
    [
        (MESSAGES, ANTHROPIC_MODEL, [HEAD, THINKING, CALLING, *TAIL]),
        (MESSAGES, ANTHROPIC_MODEL, [HEAD, THINKING, CITING, *TAIL]),
        (MESSAGES, ANTHROPIC_MODEL, [b"".join(ANTHROPIC_EVENTS).replace(b"\n", b"\r\n")]),
        (CHAT, OPENAI_MODEL, [b": a comment\n\n", *OPENAI_EVENTS]),
        (CHAT, OPENAI_MODEL, [*OPENAI_EVENTS[:3], chunk(FINISH), chunk('"choices":[]'), chunk(USAGE), DONE]),
        (
            CHAT,
            OPENAI_MODEL,
            [
                chunk('"choices":[{"index":0,"delta":{"reasoning_content":"Hm"},"finish_reason":null}]'),
                chunk(
                    '"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function",'
                    '"function":{"name":"f","arguments":""}}]},"finish_reason":null}]'
                ),
                chunk('"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]'),
                chunk(USAGE),
                DONE,
            ],
        ),
    ],
)
async def test_whatever_a_stream_tells_is_told_again_to_the_byte(
    coalesce: bool, path: str, model: str, pieces: list[bytes]
) -> None:
    rig = Rig(Scripted(body=pieces), given=caching(coalesce=coalesce))
    options: dict[str, Any] = {"stream_options": {"include_usage": True}} if path == CHAT else {}
    body = cold(model, stream=True, **options)
    first, again = await rig.post(path, body), await rig.post(path, body)
    assert first.body == b"".join(pieces)
    assert (again.headers["x-pointsman-cache"], again.body) == ("hit", first.body)


@COALESCE
@pytest.mark.parametrize(
    ("path", "model", "body", "why"),
    [
        (CHAT, OPENAI_MODEL, [*OPENAI_EVENTS[:3], chunk(FINISH), ERROR], "not_whole"),
        (CHAT, OPENAI_MODEL, [*OPENAI_EVENTS[:3], ERROR, DONE], "not_whole"),
        (CHAT, OPENAI_MODEL, [*OPENAI_EVENTS[:3], chunk(USAGE), DONE], "not_whole"),
        (
            CHAT,
            OPENAI_MODEL,
            [*OPENAI_EVENTS[:3], chunk(FINISH.replace("stop", "content_filter")), DONE],
            "refused",
        ),
        (CHAT, OPENAI_MODEL, [*OPENAI_EVENTS[:3], chunk(FINISH.replace("stop", "length")), DONE], "cut"),
        (CHAT, OPENAI_MODEL, [OPENAI_EVENTS[0], chunk(FINISH), DONE], "empty"),
        (MESSAGES, ANTHROPIC_MODEL, [*ANTHROPIC_EVENTS[:-1], ANTHROPIC_ERROR], "not_whole"),
        (MESSAGES, ANTHROPIC_MODEL, [*ANTHROPIC_EVENTS[:-2], ANTHROPIC_ERROR, *TAIL], "not_whole"),
        (
            MESSAGES,
            ANTHROPIC_MODEL,
            [*ANTHROPIC_EVENTS[:-2], TAIL[0].replace(b"end_turn", b"refusal"), TAIL[1]],
            "refused",
        ),
        (
            MESSAGES,
            ANTHROPIC_MODEL,
            [*ANTHROPIC_EVENTS[:-2], TAIL[0].replace(b"end_turn", b"pause_turn"), TAIL[1]],
            "cut",
        ),
        (MESSAGES, ANTHROPIC_MODEL, ANTHROPIC_WHOLE.replace(b"end_turn", b"refusal"), "refused"),
        (MESSAGES, ANTHROPIC_MODEL, ANTHROPIC_WHOLE.replace(b"end_turn", b"max_tokens"), "cut"),
        (
            CHAT,
            OPENAI_MODEL,
            OPENAI_WHOLE.replace(b'"content":"Because."', b'"content":null,"refusal":"No."'),
            "refused",
        ),
        (CHAT, OPENAI_MODEL, OPENAI_WHOLE.replace(b'"content":"Because."', b'"content":""'), "empty"),
    ],
)
async def test_what_is_not_whole_or_refuses_is_asked_for_again(
    coalesce: bool, path: str, model: str, body: Any, why: str
) -> None:
    rig = Rig(otherwise=Scripted(body=body), given=caching(coalesce=coalesce))
    request = cold(model, stream=not isinstance(body, bytes))
    for _ in range(2):
        await rig.post(path, request)
    assert len(rig.transport.requests) == 2
    assert (view_of(rig).stored, view_of(rig).not_stored) == (0, {why: 2})


async def test_a_clock_that_is_set_back_makes_no_answer_younger_than_new() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), given=caching(ttl=60))
    await rig.post(CHAT, cold(OPENAI_MODEL))
    rig.clock.jump(-3600)
    again = await rig.post(CHAT, cold(OPENAI_MODEL))
    assert (again.headers["x-pointsman-cache"], again.headers["age"]) == ("hit", "0")
    rig.clock.advance(60)
    assert (await rig.post(CHAT, cold(OPENAI_MODEL), {"cache-control": "only-if-cached"})).status == 504


@COALESCE
@pytest.mark.parametrize(("which", "kept"), [(CachePurge(tag="a"), False), (CachePurge(tag="b"), True)])
async def test_an_answer_that_was_under_way_when_its_like_were_purged_is_not_kept(
    coalesce: bool, which: CachePurge, kept: bool
) -> None:
    waits = Scripted(body=[*ANTHROPIC_EVENTS[:3], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[3:]])
    rig = Rig(waits, otherwise=Scripted(body=ANTHROPIC_EVENTS), given=caching(coalesce=coalesce))
    assert rig.gateway.cache is not None
    body, headers = cold(ANTHROPIC_MODEL, stream=True), {"x-pointsman-cache-tag": "a"}
    call = rig.call(MESSAGES, body, headers=headers)
    under_way = asyncio.ensure_future(call.run())
    await asyncio.wait_for(call.first_chunk.wait(), 10)
    rig.clock.advance(1)
    await rig.gateway.cache.purge(which)
    rig.transport.answer_now()
    await under_way
    assert view_of(rig).not_stored == ({} if kept else {"purged": 1})
    rig.clock.advance(1)
    told = [(await rig.post(MESSAGES, body, headers)).headers["x-pointsman-cache"] for _ in range(2)]
    assert told == (["hit", "hit"] if kept else ["miss", "hit"])


async def test_what_was_left_out_on_the_way_is_told_again() -> None:
    rig = Rig(otherwise=Scripted(body=ANTHROPIC_WHOLE), given=caching())
    with_seed = cold(ANTHROPIC_MODEL, seed=7)
    first, again = await rig.post(CHAT, with_seed), await rig.post(CHAT, with_seed)
    assert again.headers["x-pointsman-cache"] == "hit"
    assert again.headers["x-pointsman-dropped"] == first.headers["x-pointsman-dropped"] == "seed"
    named = cold(ANTHROPIC_MODEL, metadata={"a": "b"})
    await rig.post(CHAT, named)
    bare = await rig.post(CHAT, cold(ANTHROPIC_MODEL))
    assert bare.headers["x-pointsman-cache"] == "hit" and "x-pointsman-dropped" not in bare.headers


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_a_word_that_is_none_is_refused_before_anything_is_paid(path: str) -> None:
    rig = Rig(given=caching())
    answer = await rig.post(path, cold(OPENAI_MODEL), {"x-pointsman-cache": "bypas"})
    told = json.loads(answer.body)
    assert answer.status == 400 and (told.get("type") == "error") is (path == MESSAGES)
    assert "bypass, sampled, exact and pace=NUMBER" in told["error"]["message"]
    assert not rig.transport.requests
    assert (rig.entry.outcome, rig.entry.cost) == ("error", 0)


async def test_what_is_said_of_caches_in_two_lines_is_one_list() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching())
    call = rig.call(CHAT, cold(OPENAI_MODEL), headers={"cache-control": "no-store"})
    lines = call.scope["headers"]
    assert isinstance(lines, list)
    lines.append((b"cache-control", b"max-age=60"))
    assert (await call.run()).headers["x-pointsman-cache"] == "miss"
    assert view_of(rig).entries == 0
