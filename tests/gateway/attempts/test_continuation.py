"""A stream that breaks goes on elsewhere: one answer for the client, and every attempt on the books."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.errors import UpstreamUnreachable
from pointsman.http1 import iter_events
from tests.support.dead_process import left_by_a_dead_process
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.one_answer import said_in, texts
from tests.support.provider_bytes import ANTHROPIC_EVENTS, OPENAI_EVENTS, anthropic_error
from tests.support.stack import settings
from tests.support.upstream import Scripted
from tests.support.virtual_time import run_virtual

HAIKU, SONNET, DEEPSEEK, GPT = "claude-haiku-4-5", "claude-sonnet-4-5", "deepseek-flash", "gpt-6-luna"
BROKEN = UpstreamUnreachable("reset")


def route(*models: str, **more: Any) -> Settings:
    first, *others = models
    table = {"models": [first], "fallbacks": others, "continue_streams": True, **more.pop("route", {})}
    return settings(routes={"story": table}, **more)


EVENTS: dict[str, tuple[bytes, ...]] = {HAIKU: ANTHROPIC_EVENTS, GPT: OPENAI_EVENTS}
PIECES = [
    (path, first, cut)
    for path in (CHAT, MESSAGES)
    for first in (HAIKU, GPT)
    for cut in range(1, len(EVENTS[first]))
]
REST = [
    *ANTHROPIC_EVENTS[:2],
    ANTHROPIC_EVENTS[3].replace(b'"Because"', b'" of reasons."'),
    *ANTHROPIC_EVENTS[-3:],
]


WITH_USAGE: dict[str, dict[str, Any]] = {CHAT: {"stream_options": {"include_usage": True}}, MESSAGES: {}}


@pytest.mark.parametrize(("path", "first", "cut"), PIECES)
@pytest.mark.parametrize("how", ["reset", "error event", "end"])
async def test_at_each_event_of_either_dialect(path: str, first: str, cut: int, how: str) -> None:
    events: list[Any] = list(EVENTS[first])
    error = OVERLOADED[first]
    ending: list[Any] = [] if how == "end" else [BROKEN if how == "reset" else error]
    rig = Rig(Scripted(body=[*events[:cut], *ending]), Scripted(body=REST), given=route(first, SONNET))
    done = await rig.post(path, ask("story", stream=True, **WITH_USAGE[path]))
    text = said_in(b"".join(events[:cut]))
    told_its_end = cut >= len(events) - (1 if first == HAIKU else 2)
    if first == GPT and cut >= 4 and path == CHAT:
        assert len(rig.transport.requests) == 1, "the client had been told why it stops"
        return
    assert texts(path, done.body) == text + ("" if told_its_end else " of reasons.")
    assert b"overloaded" not in done.body and b"Too much" not in done.body
    entry = rig.entry
    assert (entry.outcome, entry.error) == ("ok", "")
    if told_its_end:
        assert len(rig.transport.requests) == 1
        assert done.body == b"".join(events) or path != MESSAGES or first != HAIKU
        return
    assert [attempt.outcome for attempt in entry.attempts] == ["broken", "ok"]
    last = rig.sent(1)["messages"][-1]
    assert last == ({"role": "assistant", "content": text} if text else {"role": "user", "content": "Why?"})
    if path == (MESSAGES if first == HAIKU else CHAT):
        assert done.body.startswith(b"".join(events[:cut])), "what had come is intact"


OVERLOADED = {
    GPT: b'data: {"error":{"message":"Too much.","code":"server_is_overloaded"}}\n\n',
    HAIKU: b'event: error\ndata: {"type":"error","error":'
    b'{"type":"overloaded_error","message":"Too much."}}\n\n',
}


async def test_an_error_event_within_a_piece_is_held_back_and_what_is_before_it_passes() -> None:
    piece = b"".join(ANTHROPIC_EVENTS[1:4]) + OVERLOADED[HAIKU]
    rig = Rig(Scripted(body=[ANTHROPIC_EVENTS[0], piece]), Scripted(body=REST), given=route(HAIKU, SONNET))
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert texts(MESSAGES, done.body) == "Because of reasons."


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_usage_is_that_of_one_whole_answer_and_the_ledger_has_all(path: str) -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:6], BROKEN]), Scripted(body=REST), given=route(HAIKU, SONNET))
    done = await rig.post(path, ask("story", stream=True, **WITH_USAGE[path]))
    *_, last = [msgspec.json.decode(data) for _, data in iter_events(done.body) if b'"usage":{' in data]
    usage = last["usage"]
    if path == MESSAGES:
        assert (usage["input_tokens"], usage["cache_read_input_tokens"]) == (9, 3), "as message_start told"
        output = usage["output_tokens"]
    else:
        assert usage["prompt_tokens"] == 12
        output = usage["completion_tokens"]
    assert output == 3 + 5, "what was said before it broke, and the rest"
    booked = rig.entry.usage
    assert booked is not None
    assert booked.prompt == 24
    assert booked.output >= output


async def test_white_space_at_the_break_is_kept_from_the_model_and_comes_once() -> None:
    blank = ANTHROPIC_EVENTS[3].replace(b'"Because"', b'"Because\\n\\n"')
    more = [
        *ANTHROPIC_EVENTS[:2],
        ANTHROPIC_EVENTS[3].replace(b'"Because"', b'"\\n"'),
        ANTHROPIC_EVENTS[3].replace(b'"Because"', b'"\\n so."'),
        *ANTHROPIC_EVENTS[-3:],
    ]
    rig = Rig(
        Scripted(body=[*ANTHROPIC_EVENTS[:3], blank, BROKEN]), Scripted(body=more), given=route(HAIKU, SONNET)
    )
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert texts(MESSAGES, done.body) == "Because\n\n so."
    assert rig.sent(1)["messages"][-1]["content"] == "Because"


async def test_it_may_break_more_than_once_within_the_attempts() -> None:
    again: list[Any] = [*REST[:3], BROKEN]
    rig = Rig(
        Scripted(body=[*ANTHROPIC_EVENTS[:4], BROKEN]),
        Scripted(body=again),
        Scripted(body=REST),
        given=route(HAIKU, SONNET, "claude-opus-4-5"),
    )
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert texts(MESSAGES, done.body) == "Because of reasons. of reasons."
    assert rig.sent(2)["messages"][-1]["content"] == "Because of reasons."
    assert [attempt.outcome for attempt in rig.entry.attempts] == ["broken", "broken", "ok"]
    assert rig.entry.model == "claude-opus-4-5"
    assert [call.number for call in rig.open_calls.begun] == [1, 2, 3]
    assert [call.number for call in rig.open_calls.amended] == [1, 2]


async def test_when_the_attempts_are_spent_it_ends_with_one_error() -> None:
    broken = [Scripted(body=[*REST[:3], BROKEN])] * 3
    rig = Rig(*broken, given=route(HAIKU, SONNET, "claude-opus-4-5"))
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert [name for name, _ in iter_events(done.body)].count("error") == 1
    assert (rig.entry.outcome, rig.entry.error, len(rig.entry.attempts)) == (
        "broken",
        "upstream_unreachable",
        3,
    )


async def test_one_that_cannot_begin_is_passed_by_and_what_it_said_counts_for_nothing() -> None:
    """Its only piece holds words and an error: no byte of it reaches the client."""
    stillborn = [b"".join(REST[:3]) + OVERLOADED[HAIKU]]
    rig = Rig(
        Scripted(body=[*ANTHROPIC_EVENTS[:4], BROKEN]),
        Scripted(body=stillborn),
        Scripted(body=REST),
        given=route(HAIKU, SONNET, "claude-opus-4-5"),
    )
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert texts(MESSAGES, done.body) == "Because of reasons."
    assert rig.sent(2)["messages"][-1]["content"] == "Because"
    assert [attempt.outcome for attempt in rig.entry.attempts] == ["broken", "error", "ok"]
    assert [call.number for call in rig.open_calls.amended] == [1, 2]


async def test_the_same_deployment_goes_on_where_there_is_no_other() -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:4], BROKEN]), Scripted(body=REST), given=route(HAIKU))
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert texts(MESSAGES, done.body) == "Because of reasons."


TOOL = [
    ANTHROPIC_EVENTS[0],
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":'
    b'{"type":"tool_use","id":"t","name":"f","input":{}}}\n\n',
]
SEARCH = [TOOL[0], TOOL[1].replace(b"tool_use", b"server_tool_use")]
THOUGHTS = [
    ANTHROPIC_EVENTS[0],
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":'
    b'{"type":"thinking","thinking":""}}\n\n',
]
UNSOUND: list[tuple[str, str, list[bytes], dict[str, Any]]] = [
    (MESSAGES, HAIKU, TOOL, {}),
    (MESSAGES, HAIKU, SEARCH, {}),
    (MESSAGES, HAIKU, THOUGHTS, {}),
    (MESSAGES, HAIKU, list(ANTHROPIC_EVENTS[:4]), {"output_config": {"format": {"type": "json_schema"}}}),
    (CHAT, GPT, list(OPENAI_EVENTS[:2]), {"n": 2}),
    (CHAT, GPT, list(OPENAI_EVENTS[:2]), {"logprobs": True}),
    (CHAT, GPT, list(OPENAI_EVENTS[:2]), {"response_format": {"type": "json_object"}}),
    (CHAT, GPT, [OPENAI_EVENTS[0], OPENAI_EVENTS[1].replace(b'"content"', b'"refusal"')], {}),
]


@pytest.mark.parametrize(("path", "first", "events", "more"), UNSOUND)
async def test_what_is_no_plain_text_ends_with_the_error(
    path: str, first: str, events: list[bytes], more: dict[str, Any]
) -> None:
    rig = Rig(Scripted(body=[*events, BROKEN]), given=route(first, SONNET))
    done = await rig.post(path, ask("story", stream=True, **more))
    assert done.body.startswith(b"".join(events))
    assert done.body.count(b'"error"') >= 1
    assert len(rig.transport.requests) == 1
    assert (rig.entry.outcome, rig.entry.error) == ("broken", "upstream_unreachable")


async def test_thoughts_that_are_ended_are_no_hindrance_and_are_not_thought_again() -> None:
    block = THOUGHTS[1]
    events = [
        *THOUGHTS,
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
        b'{"type":"thinking_delta","thinking":"Hm."}}\n\n',
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
        block.replace(b'"index":0', b'"index":1').replace(b'"thinking","thinking"', b'"text","text"'),
        ANTHROPIC_EVENTS[3].replace(b'"index":0', b'"index":1'),
    ]
    thinking = {"type": "enabled", "budget_tokens": 2000}
    rig = Rig(Scripted(body=[*events, BROKEN]), Scripted(body=REST), given=route(HAIKU, SONNET))
    done = await rig.post(MESSAGES, ask("story", stream=True, max_tokens=4000, thinking=thinking))
    assert texts(MESSAGES, done.body) == "Because of reasons."
    assert rig.sent(1)["thinking"] == {"type": "disabled"}


async def test_only_a_model_that_takes_a_beginning_goes_on_from_one() -> None:
    broken = Scripted(body=[*ANTHROPIC_EVENTS[:4], BROKEN])
    rig = Rig(broken, Scripted(body=REST), given=route(HAIKU, "claude-opus-5", GPT, SONNET))
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert texts(MESSAGES, done.body) == "Because of reasons."
    assert rig.sent(1)["model"] == SONNET
    nobody = Rig(Scripted(body=[*OPENAI_EVENTS[:2], BROKEN]), given=route(GPT, "claude-opus-5"))
    done = await nobody.post(CHAT, ask("story", stream=True))
    assert done.body.count(b'"error"') == 1
    assert len(nobody.transport.requests) == 1


async def test_where_nothing_was_said_any_model_does() -> None:
    rig = Rig(
        Scripted(body=[OPENAI_EVENTS[0], BROKEN]), Scripted(body=REST), given=route(GPT, "claude-opus-5")
    )
    done = await rig.post(CHAT, ask("story", stream=True))
    assert texts(CHAT, done.body) == " of reasons."
    assert rig.sent(1)["max_tokens"] == 100, "nothing was said that would count"


async def test_without_the_setting_it_ends_as_ever() -> None:
    given = settings(routes={"story": {"models": [HAIKU], "fallbacks": [SONNET]}})
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:4], BROKEN]), given=given)
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert done.body.count(b"event: error") == 1
    assert len(rig.transport.requests) == 1


def test_a_crash_while_another_goes_on_books_both(tmp_path: Any) -> None:
    async def work() -> None:
        rig = Rig(
            Scripted(body=[*ANTHROPIC_EVENTS[:4], BROKEN]), Scripted(body=REST), given=route(HAIKU, SONNET)
        )
        await rig.post(MESSAGES, ask("story", stream=True))
        (entry,) = left_by_a_dead_process(tmp_path, rig.open_calls.begun)
        assert [attempt.model for attempt in entry.attempts] == [HAIKU, SONNET]
        assert all(attempt.cost for attempt in entry.attempts)

    run_virtual(work)


async def test_a_full_cap_ends_it_as_length() -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:6], BROKEN]), given=route(HAIKU, SONNET))
    done = await rig.post(MESSAGES, ask("story", stream=True, max_tokens=2))
    assert texts(MESSAGES, done.body) == "Because so."
    *_, last = [msgspec.json.decode(data) for name, data in iter_events(done.body) if name == "message_delta"]
    assert last["delta"]["stop_reason"] == "max_tokens"
    assert len(rig.transport.requests) == 1


async def test_a_failure_that_would_fail_elsewhere_too_ends_it() -> None:
    broken = Scripted(body=[*ANTHROPIC_EVENTS[:4], BROKEN])
    rig = Rig(
        broken,
        anthropic_error(400, "No.", "invalid_request_error"),
        given=route(HAIKU, SONNET, "claude-opus-4-5"),
    )
    done = await rig.post(MESSAGES, ask("story", stream=True))
    assert done.body.count(b"event: error") == 1
    assert [attempt.outcome for attempt in rig.entry.attempts] == ["broken", "error"]
