"""The journey of a request that comes to a good end, and of one that is refused before it is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.costs import format_usd
from pointsman.http1 import iter_events
from tests.support.anthropic_sdk import accumulate
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.openai_sdk import accumulate_openai
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_USAGE,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_USAGE,
    OPENAI_WHOLE,
)
from tests.support.stack import settings
from tests.support.upstream import Scripted

ODD = b'"x_new" : {"b":1.50, "a":[ 1e2,"\\u00e9" ]} , "messages":[ {"role":"user","content":"Why?"} ]'


def odd_body(model: str, more: bytes = b"") -> bytes:
    return b'{ "model":"%s","max_tokens":100, %s%s }' % (model.encode(), ODD, more)


# -- the same dialect on both sides


@pytest.mark.parametrize(
    ("path", "model", "answer"),
    [(CHAT, OPENAI_MODEL, OPENAI_WHOLE), (MESSAGES, ANTHROPIC_MODEL, ANTHROPIC_WHOLE)],
)
async def test_same_dialect_the_bytes_pass_both_ways(path: str, model: str, answer: bytes) -> None:
    rig = Rig(Scripted(body=answer))
    done = await rig.post(path, body := odd_body(model))
    assert rig.transport.requests[0].body == body
    assert (done.status, done.body) == (200, answer)
    assert int(done.headers["content-length"]) == len(answer)


async def test_only_the_model_is_rewritten_where_the_provider_calls_it_otherwise() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), given=settings(aliases={"quick": OPENAI_MODEL}))
    await rig.post(CHAT, odd_body("quick"))
    assert rig.transport.requests[0].body == odd_body(OPENAI_MODEL)


async def test_an_anthropic_stream_passes_to_the_byte() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    done = await rig.post(MESSAGES, body := odd_body(ANTHROPIC_MODEL, b', "stream":true'))
    assert rig.transport.requests[0].body == body
    assert done.body == b"".join(ANTHROPIC_EVENTS)
    assert rig.entry.usage == ANTHROPIC_USAGE


async def test_an_openai_stream_passes_to_the_byte_if_the_client_asked_for_usage() -> None:
    rig = Rig(Scripted(body=OPENAI_EVENTS))
    body = odd_body(OPENAI_MODEL, b', "stream":true, "stream_options":{"include_usage":true}')
    done = await rig.post(CHAT, body)
    assert rig.transport.requests[0].body == body
    assert done.body == b"".join(OPENAI_EVENTS)


async def test_usage_that_only_we_asked_for_is_counted_and_hidden() -> None:
    rig = Rig(Scripted(body=OPENAI_EVENTS))
    done = await rig.post(CHAT, ask(OPENAI_MODEL, stream=True))
    assert rig.sent()["stream_options"] == {"include_usage": True}
    assert b"usage" not in done.body
    assert done.body == b"".join(event for event in OPENAI_EVENTS if b"usage" not in event)
    assert (rig.entry.usage, rig.entry.estimated) == (OPENAI_USAGE, False)


ONLY_THE_PROVIDER_KNOWS: list[dict[str, Any]] = [
    {"messages": [{"role": "user", "content": [{"type": "hologram", "x": 1}]}]},
    {"messages": [{"role": "oracle", "content": "x"}]},
    {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
]


@pytest.mark.parametrize("reported", [True, False])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("more", ONLY_THE_PROVIDER_KNOWS)
@pytest.mark.parametrize(
    ("path", "model"), [(CHAT, OPENAI_MODEL), (CHAT, "deepseek-v4-pro"), (MESSAGES, ANTHROPIC_MODEL)]
)
async def test_what_only_its_provider_knows_passes_and_is_booked(
    path: str, model: str, more: dict[str, Any], stream: bool, reported: bool
) -> None:
    """Neither the checks before nor the accounting afterwards may fail where the hub cannot read a body."""
    events = OPENAI_EVENTS if path == CHAT else ANTHROPIC_EVENTS
    whole = OPENAI_WHOLE if path == CHAT else ANTHROPIC_WHOLE
    answer = Scripted(body=list(events) if stream else whole)
    if not reported:
        answer = (
            Scripted(body=list(events[:3])) if stream else Scripted(body=whole.replace(b"usage", b"other"))
        )
    rig = Rig(answer)
    done = await rig.post(path, ask(model, stream=stream, **more))
    assert done.status == 200
    assert rig.sent()["messages"] == ask(model, **more)["messages"]
    entry = rig.entry
    assert entry.cost is not None
    assert (entry.cost > 0, entry.estimated) == (True, not reported)


@pytest.mark.parametrize(
    ("path", "model", "events"),
    [(CHAT, OPENAI_MODEL, OPENAI_EVENTS), (MESSAGES, ANTHROPIC_MODEL, ANTHROPIC_EVENTS)],
)
@pytest.mark.parametrize("size", [1, 7, 100])
async def test_it_does_not_matter_how_the_bytes_of_a_stream_are_cut(
    path: str, model: str, events: tuple[bytes, ...], size: int
) -> None:
    whole = b"".join(events)
    rig = Rig(Scripted(body=[whole[at : at + size] for at in range(0, len(whole), size)]))
    more: dict[str, Any] = {"stream_options": {"include_usage": True}} if path == CHAT else {}
    done = await rig.post(path, ask(model, stream=True, **more))
    assert done.body == whole
    assert (rig.entry.usage, rig.entry.outcome) == (OPENAI_USAGE, "ok")


async def test_a_query_goes_along_and_the_clients_beta_flags_too() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_WHOLE))
    sent = {"anthropic-version": "2026-10-21", "anthropic-beta": "a,b", "x-secret": "s", "cookie": "c"}
    await rig.post(f"{MESSAGES}?beta=true", ask(ANTHROPIC_MODEL), sent)
    request = rig.transport.requests[0]
    headers = dict(request.headers)
    assert request.url == "http://upstream/anthropic/v1/messages?beta=true"
    assert (headers["anthropic-version"], headers["anthropic-beta"]) == ("2026-10-21", "a,b")
    assert not {"x-secret", "cookie"} & headers.keys()
    assert headers["x-client-request-id"] == f"{rig.entry.request_id}-1"


# -- another dialect at the provider


async def test_openai_client_anthropic_provider() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_WHOLE))
    done = await rig.post(CHAT, ask(ANTHROPIC_MODEL, temperature=0.5))
    assert rig.sent()["messages"] == [{"role": "user", "content": "Why?"}]
    assert rig.sent()["max_tokens"] == 100
    answer = done.json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "Because."
    assert answer["usage"]["prompt_tokens"] == 12
    assert answer["created"] == rig.clock.now_us() // 1_000_000


async def test_anthropic_client_openai_provider() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE))
    done = await rig.post(f"{MESSAGES}?beta=true", ask(OPENAI_MODEL, system="Be brief."))
    assert rig.transport.requests[0].url == "http://upstream/openai/v1/chat/completions"
    assert [turn["role"] for turn in rig.sent()["messages"]][-1] == "user"
    answer = done.json()
    assert (answer["type"], answer["content"]) == ("message", [{"type": "text", "text": "Because."}])
    assert (answer["usage"]["input_tokens"], answer["usage"]["cache_read_input_tokens"]) == (9, 3)


async def test_streams_cross_both_ways() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS), Scripted(body=OPENAI_EVENTS))
    chat = await rig.post(CHAT, ask(ANTHROPIC_MODEL, stream=True, stream_options={"include_usage": True}))
    completion = accumulate_openai(chat.body)
    assert completion.choices[0].message.content == "Because so."
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (12, 5)
    messages = await rig.post(MESSAGES, ask(OPENAI_MODEL, stream=True))
    assert accumulate(messages.body)["content"] == [{"type": "text", "text": "Because so."}]
    assert [event for event, _ in iter_events(messages.body)][-1] == "message_stop"
    assert [entry.usage for entry in rig.ledger.entries] == [ANTHROPIC_USAGE, OPENAI_USAGE]


async def test_what_could_not_cross_is_named() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_WHOLE))
    done = await rig.post(CHAT, ask(ANTHROPIC_MODEL, seed=1))
    assert done.headers["x-pointsman-dropped"] == "seed"


async def test_what_would_change_the_question_is_refused_before_it_is_sent() -> None:
    rig = Rig()
    done = await rig.post(CHAT, ask(ANTHROPIC_MODEL, n=2))
    assert (done.status, rig.transport.requests) == (400, [])
    assert done.json()["error"]["code"] == "untranslatable_request"


# -- what the caller and the ledger are told


async def test_headers_and_entry_of_a_whole_answer() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_WHOLE, headers={"request-id": "req_up"}))
    done = await rig.post(MESSAGES, ask("claude-haiku-4-5-20251001"))
    entry = rig.entry
    cost = 9 * 1_000_000 + 3 * 100_000 + 5 * 5_000_000
    assert entry.cost == cost
    assert done.headers | {"content-length": ""} == {
        "content-type": "application/json",
        "content-length": "",
        "x-request-id": entry.request_id,
        "request-id": entry.request_id,
        "x-pointsman-model": ANTHROPIC_MODEL,
        "x-pointsman-provider": "anthropic",
        "x-pointsman-attempts": "1",
        "x-pointsman-queued-ms": "0",
        "x-pointsman-cost-usd": format_usd(cost),
    }
    assert (entry.requested, entry.model) == ("claude-haiku-4-5-20251001", ANTHROPIC_MODEL)
    assert (entry.face, entry.status, entry.outcome) == ("anthropic_messages", 200, "ok")
    (attempt,) = entry.attempts
    assert (attempt.model, attempt.upstream_id) == ("claude-haiku-4-5-20251001", "req_up")
    assert (attempt.usage, attempt.cost, attempt.estimated) == (ANTHROPIC_USAGE, cost, False)


async def test_a_streams_cost_comes_after_its_headers() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    done = await rig.post(MESSAGES, ask(ANTHROPIC_MODEL, stream=True))
    assert "x-pointsman-cost-usd" not in done.headers
    assert done.headers["content-type"] == "text/event-stream; charset=utf-8"
    told = await rig.get(f"/v1/requests/{done.headers['x-request-id']}")
    assert told.json()["cost_usd"] == format_usd(rig.entry.cost or 0)


async def test_an_unknown_price_is_not_zero() -> None:
    model = {"provider": "openai", "context_window": 1000}
    rig = Rig(Scripted(body=OPENAI_WHOLE), Scripted(body=OPENAI_WHOLE), given=settings(models={"own": model}))
    for name in ("own", "openai/some-new-model"):
        done = await rig.post(CHAT, ask(name))
        assert (done.status, "x-pointsman-cost-usd" in done.headers) == (200, False)
    assert [entry.cost for entry in rig.ledger.entries] == [None, None]
    assert [entry.usage for entry in rig.ledger.entries] == [OPENAI_USAGE] * 2
    assert rig.sent(1)["model"] == "some-new-model"


async def test_usage_that_was_not_reported_is_estimated_and_marked() -> None:
    without = json.loads(OPENAI_WHOLE)
    del without["usage"]
    rig = Rig(Scripted(body=json.dumps(without).encode()))
    done = await rig.post(CHAT, ask(OPENAI_MODEL))
    entry = rig.entry
    assert (done.status, entry.outcome, entry.estimated) == (200, "ok", True)
    assert entry.usage is not None
    assert entry.usage.input > 0
    assert entry.usage.output == 100, "no more than was asked for, and no less"


async def test_a_retired_model_is_served_with_a_warning() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_WHOLE))
    done = await rig.post(MESSAGES, ask("opus-4"))
    assert done.status == 200
    assert "was retired on 2026-06-15; its successor is" in done.headers["x-pointsman-warning"]
    assert rig.sent()["model"] == "claude-opus-4-20250514"


async def test_one_that_retires_soon_warns_too() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_WHOLE))
    done = await rig.post(MESSAGES, ask("claude-sonnet-4-5"))
    assert "will be retired on 2026-11-30, in 7 days" in done.headers["x-pointsman-warning"]


# -- presets

PRESETS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"temperature": 0.2, "max_tokens": 4096}),
    ({"temperature": 0.9}, {"temperature": 0.9, "max_tokens": 4096}),
    ({"top_p": 0.5}, {"top_p": 0.5, "max_tokens": 4096}),
    ({"temperature": 0.0, "max_tokens": 7}, {"temperature": 0.0, "max_tokens": 7}),
]


@pytest.mark.parametrize(("given", "sent"), PRESETS)
async def test_a_preset_fills_only_what_is_missing(given: dict[str, Any], sent: dict[str, Any]) -> None:
    rig = Rig(Scripted(body=ANTHROPIC_WHOLE), Scripted(body=ANTHROPIC_WHOLE))
    messages = [{"role": "user", "content": "Why?"}]
    same = {"model": "preset:code-generation", "messages": messages, "max_tokens": 4096} | given
    await rig.post(MESSAGES, same)
    crossed = {"model": "preset:code-generation", "messages": messages} | given
    await rig.post(CHAT, crossed)
    for number in (0, 1):
        body = rig.sent(number)
        assert body["model"] == "claude-sonnet-4-6"
        assert {name: body[name] for name in ("temperature", "top_p", "max_tokens") if name in body} == sent


# -- what a model cannot do

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (ask("deepseek-v4-pro") | {"messages": [{"role": "user", "content": [IMAGE]}]}, "cannot read images", ""),
    (ask(ANTHROPIC_MODEL, max_tokens=64_001), "answers with at most 64,000 tokens", "max_tokens"),
    (ask(ANTHROPIC_MODEL, "word, " * 250_000), "takes at most 200,000", "messages"),
    (
        ask("deepseek-reasoner", tools=[{"type": "function", "function": {"name": "f"}}]),
        "cannot call",
        "tools",
    ),
]


@pytest.mark.parametrize(("body", "message", "param"), REFUSED)
async def test_what_the_model_cannot_do_is_never_sent(body: dict[str, Any], message: str, param: str) -> None:
    rig = Rig()
    done = await rig.post(CHAT, body)
    error = done.json()["error"]
    assert (done.status, rig.transport.requests) == (400, [])
    assert message in error["message"]
    assert not param or error["param"] == param
    assert done.headers["x-should-retry"] == "false"
    entry = rig.entry
    assert (entry.status, entry.outcome, entry.error) == (400, "error", error["code"])
    assert (entry.attempts, entry.cost) == ((), 0)


async def test_an_unknown_model_gets_a_suggestion_in_the_callers_dialect() -> None:
    rig = Rig()
    chat = await rig.post(CHAT, ask("claude-hiaku-4-5"))
    messages = await rig.post(MESSAGES, ask("gpt-6-lunar"))
    assert (chat.status, messages.status, rig.transport.requests) == (404, 404, [])
    assert "claude-haiku-4-5" in chat.json()["error"]["message"]
    assert messages.json()["error"]["type"] == "not_found_error"
    assert "gpt-6-luna" in messages.json()["error"]["message"]
