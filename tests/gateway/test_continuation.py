"""A stream that breaks goes on elsewhere: one answer for the client, and every attempt on the books."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import httpx2
import msgspec
import openai
import pytest

from pointsman.config import Settings
from pointsman.costs import parse_usd
from pointsman.errors import UpstreamUnreachable
from pointsman.http1 import iter_events
from pointsman.simulator import Config, parse_faults
from tests.gateway.test_hedging import left_by_a_dead_process
from tests.support.books import balance
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_EVENTS, OPENAI_EVENTS, anthropic_error
from tests.support.stack import running_stack, settings
from tests.support.upstream import Scripted
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

HAIKU, SONNET, DEEPSEEK, GPT = "claude-haiku-4-5", "claude-sonnet-4-5", "deepseek-flash", "gpt-6-luna"
BROKEN = UpstreamUnreachable("reset")


def route(*models: str, **more: Any) -> Settings:
    first, *others = models
    table = {"models": [first], "fallbacks": others, "continue_streams": True, **more.pop("route", {})}
    return settings(routes={"story": table}, **more)


def texts(path: str, body: bytes) -> str:
    """What a client reads, whichever dialect it speaks; checks that the events are those of one answer."""
    return _anthropic_text(body) if path == MESSAGES else _openai_text(body)


def _anthropic_text(body: bytes) -> str:
    events = [(name, msgspec.json.decode(data)) for name, data in iter_events(body)]
    names = [name for name, _ in events if name not in ("ping", "brand_new")]
    assert names[0] == "message_start"
    assert names[-2:] == ["message_delta", "message_stop"]
    assert [names.count(name) for name in ("message_start", "message_delta", "message_stop")] == [1, 1, 1]
    opened: list[int] = []
    closed: list[int] = []
    text = ""
    for name, event in events:
        if name == "content_block_start":
            assert event["index"] == len(opened) == len(closed)
            opened.append(event["index"])
        elif name == "content_block_delta":
            assert event["index"] == opened[-1]
            assert event["index"] not in closed
            text += event["delta"].get("text", "")
        elif name == "content_block_stop":
            closed.append(event["index"])
    assert opened == closed
    return text


def _openai_text(body: bytes) -> str:
    data = [data for _, data in iter_events(body)]
    assert data[-1] == b"[DONE]"
    chunks = [msgspec.json.decode(each) for each in data[:-1]]
    assert len({(chunk["id"], chunk["model"], chunk["created"]) for chunk in chunks}) == 1
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert sum("role" in delta for delta in deltas) == 1
    finished = [c["finish_reason"] for chunk in chunks for c in chunk["choices"] if c["finish_reason"]]
    assert len(finished) == 1
    return "".join(delta.get("content") or "" for delta in deltas)


class Record:
    """The simulator, and what it was asked and has said."""

    def __init__(self, stack: VirtualStack) -> None:
        self._app = stack.transport.simulator
        stack.transport.simulator = self  # type: ignore[assignment]  # called in the same way
        self.asked: list[Any] = []
        self.said: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        number = len(self.said)
        self.said.append("")
        self.asked.append(None)
        ear = _Ear(receive, send)
        try:
            await self._app(scope, ear.receive, ear.send)
        finally:
            self.said[number] = _said(b"".join(ear.sent))
            self.asked[number] = msgspec.json.decode(ear.asked) | {"path": scope["path"]}


class _Ear:
    """Between the simulator and its server, which is found through ``send``."""

    def __init__(self, receive: Any, send: Any) -> None:
        self.transport = send.__self__.transport
        self.asked = b""
        self.sent: list[bytes] = []
        self._receive = receive
        self._send = send

    async def receive(self) -> Any:
        message = await self._receive()
        self.asked += message.get("body", b"")
        return message

    async def send(self, message: Any) -> None:
        self.sent.append(message.get("body", b""))
        await self._send(message)


def _said(body: bytes) -> str:
    text = ""
    for _, data in iter_events(body):
        if data.startswith(b"{"):
            event = msgspec.json.decode(data)
            text += (event.get("delta") or {}).get("text") or ""
            for choice in event.get("choices") or ():
                text += choice["delta"].get("content") or ""
    return text


def agreed(stack: VirtualStack, bill: Any, longest: int = 100) -> None:
    balance(stack.ledger.entries, bill, longest)
    (entry,) = stack.ledger.entries
    assert entry.cost is not None
    assert entry.cost >= sum(parse_usd(line.usd) for line in bill.calls)


WAYS = [
    (MESSAGES, HAIKU, SONNET),
    (MESSAGES, HAIKU, DEEPSEEK),
    (MESSAGES, GPT, HAIKU),
    (CHAT, HAIKU, SONNET),
    (CHAT, GPT, HAIKU),
    (CHAT, GPT, DEEPSEEK),
    (CHAT, DEEPSEEK, HAIKU),
]


@pytest.mark.parametrize(("path", "first", "second"), WAYS)
@pytest.mark.parametrize("cap", [40, 400])
def test_wherever_it_breaks_the_client_reads_what_the_models_said(
    path: str, first: str, second: str, cap: int
) -> None:
    """One token after the other; with a cap of 40 the answer of the first is at its end with the last."""

    async def broken_after(tokens: int) -> bool:
        config = Config(faults=parse_faults(f"{first}/reset:at=1:after={tokens}"))
        async with virtual_stack(config, given=route(first, second)) as stack:
            record = Record(stack)
            body = ask("story", "Tell me of lighthouses.", max_tokens=cap, stream=True)
            done = await stack.post(path, body)
            bill = await stack.bill()
            agreed(stack, bill, cap)
            assert done.status == 200
            assert texts(path, done.body) == "".join(record.said), tokens
            assert done.headers["x-pointsman-model"] == (first if tokens else second)
            entry = stack.ledger.entries[0]
            assert (entry.outcome, entry.error, entry.status) == ("ok", "", 200)
            if not tokens:
                return True
            delivered = {line.client_request_id[-1]: line.delivered for line in bill.calls}["1"]
            if len(record.said) == 1:
                assert delivered == cap, "nothing more was to be said"
                return False
            assert [attempt.outcome for attempt in entry.attempts] == ["broken", "ok"]
            assert entry.model == second
            rest = record.asked[1]
            told = rest["messages"][-1]
            assert (told["role"], told["content"]) == ("assistant", record.said[0].rstrip())
            assert rest.get("max_tokens", rest.get("max_completion_tokens")) == cap - delivered
            beta = ("/deepseek/beta/chat/completions", True)
            assert (rest["path"], told.get("prefix")) == (
                beta if second == DEEPSEEK else (rest["path"], None)
            )
            return delivered == tokens

    for tokens in range(cap + 1):
        if not run_virtual(broken_after(tokens)):
            assert tokens > 10
            break


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
    text = _said(b"".join(events[:cut]))
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


@pytest.mark.parametrize("stream_of", [MESSAGES, CHAT])
@pytest.mark.parametrize("tenths", range(0, 60, 4))
@pytest.mark.parametrize("how", ["leaves", "cancelled"])
def test_nothing_is_left_whenever_the_client_goes(tenths: int, how: str, stream_of: str) -> None:
    async def work() -> None:
        config = Config(faults=parse_faults(f"{HAIKU}/reset:at=1:after=15"), pace="real", speed=0.1)
        given = route(HAIKU, SONNET, limits={HAIKU: {"concurrency": 5}, SONNET: {"concurrency": 5}})
        async with virtual_stack(config, given=given, delay=(0.1, 0.1)) as stack:
            call = stack.call(stream_of, ask("story", "Tell me.", stream=True))
            task = asyncio.create_task(call.run())
            await asyncio.wait((task,), timeout=tenths / 10 + 0.001)
            if how == "leaves":
                call.leave()
            else:
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            (entry,) = stack.ledger.entries
            assert all(attempt.outcome for attempt in entry.attempts)
            assert entry.outcome == "cut"
            await asyncio.sleep(60)
            view = await stack.gateway.overview.limits()
            assert [row.id for row in view.limits if row.held] == []
            booked = {f"{entry.request_id}-{attempt.number}": attempt.cost for attempt in entry.attempts}
            bill = await stack.bill()
            assert {line.client_request_id for line in bill.calls} == set(booked)
            assert all((booked[line.client_request_id] or 0) >= parse_usd(line.usd) for line in bill.calls)
            if how == "leaves":
                agreed(stack, bill)

    run_virtual(work)


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


async def test_the_official_sdks_see_one_answer_over_real_sockets() -> None:
    config = Config(faults=parse_faults(f"{HAIKU}/reset:at=1+2:after=9"))
    async with running_stack(config, given=route(HAIKU, SONNET)) as stack:
        async with anthropic.AsyncAnthropic(base_url=stack.gateway_url, api_key="k", max_retries=0) as claude:
            question: Any = {"model": "story", "max_tokens": 300}
            question["messages"] = [{"role": "user", "content": "Tell me of lighthouses."}]
            async with claude.messages.stream(**question) as stream:
                seen = [text async for text in stream.text_stream]
                message = await stream.get_final_message()
            assert "".join(block.text for block in message.content if block.type == "text") == "".join(seen)
            assert (message.stop_reason, len(message.content)) == ("end_turn", 1)
        async with openai.AsyncOpenAI(
            base_url=f"{stack.gateway_url}/v1", api_key="k", max_retries=0, http_client=httpx2.AsyncClient()
        ) as client:
            chunks = [c async for c in await client.chat.completions.create(stream=True, **question)]
        assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
        for entry in stack.ledger.entries:
            assert [attempt.outcome for attempt in entry.attempts] == ["broken", "ok"]


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
