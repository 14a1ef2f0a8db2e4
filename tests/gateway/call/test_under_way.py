"""What is kept of calls under way: each before it is sent, at the most that it may cost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import pytest

from pointsman.catalog import Catalog
from pointsman.chat import Usage
from pointsman.errors import UpstreamTimeout, UpstreamUnreachable
from pointsman.http1 import HttpRequest
from pointsman.ledger import settle
from pointsman.tokens import most_body_tokens
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.models import a_model
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
    openai_error,
)
from tests.support.stack import settings
from tests.support.upstream import Scripted, Step, Wait

GOOD = Scripted(body=OPENAI_WHOLE)


async def test_an_attempt_is_kept_before_it_is_sent() -> None:
    kept_when_sent: list[int] = []

    def answer(request: HttpRequest) -> Scripted:
        kept_when_sent.append(len(rig.open_calls.begun))
        return GOOD

    rig = Rig(answer)
    await rig.post(CHAT, body := ask(OPENAI_MODEL))
    assert kept_when_sent == [1]
    (kept,), entry = rig.open_calls.begun, rig.entry
    for name in ("request_id", "at_us", "key_id", "key_name", "tenant", "face", "requested", "model"):
        assert getattr(kept, name) == getattr(entry, name)
    assert (kept.provider, kept.sent_model, kept.number) == ("openai", OPENAI_MODEL, 1)
    assert kept.usage == Usage(input=most_body_tokens(msgspec.json.encode(body)), output=100)
    assert kept.cost is not None
    assert entry.cost is not None
    assert kept.cost > entry.cost
    assert (kept.status, kept.error, kept.stream) == (0, "", False)


MOST: list[tuple[dict[str, Any], Mapping[str, Any], int]] = [
    ({"max_tokens": 7}, {"max_output": 50_000}, 7),
    ({"max_completion_tokens": 9_000}, {"max_output": 50_000}, 9_000),
    ({}, {"max_output": 50_000}, 4_096),
    ({}, {"max_output": 1_000}, 1_000),
    ({}, {"max_output": None}, 4_096),
]


@pytest.mark.parametrize(("more", "model", "most"), MOST)
async def test_the_longest_answer_is_as_long_as_request_and_model_allow(
    more: dict[str, Any], model: Mapping[str, Any], most: int
) -> None:
    rig = Rig(GOOD, catalog=Catalog((a_model("m", provider="openai", **model),)))
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]} | more
    assert (await rig.post(CHAT, body)).status == 200
    (kept,) = rig.open_calls.begun
    assert kept.usage is not None
    assert kept.usage.output == most


async def test_a_presets_limit_counts_where_the_request_has_none() -> None:
    given = settings(presets={"mine": {"model": OPENAI_MODEL, "max_output": 7}})
    rig = Rig(GOOD, given=given)
    await rig.post(CHAT, {"model": "preset:mine", "messages": [{"role": "user", "content": "Hi"}]})
    (kept,) = rig.open_calls.begun
    assert kept.usage is not None
    assert kept.usage.output == 7


async def test_what_has_no_price_has_no_cost() -> None:
    rig = Rig(GOOD)
    await rig.post(CHAT, ask("openai/unknown"))
    (kept,) = rig.open_calls.begun
    assert (kept.cost, kept.model) == (None, "unknown")


# -- the attempts of one request

ENDS: list[tuple[Step, int, str, bool]] = [
    (openai_error(500), 500, "upstream_unavailable", False),
    (UpstreamUnreachable("no way", sent=False), 0, "upstream_unreachable", False),
    (UpstreamTimeout("slow", sent=True), 0, "upstream_timeout", True),
]


@pytest.mark.parametrize(("step", "status", "code", "billed"), ENDS)
async def test_of_an_attempt_that_another_one_follows_its_end_is_kept(
    step: Step, status: int, code: str, billed: bool
) -> None:
    rig = Rig(step, GOOD)
    await rig.post(CHAT, ask(OPENAI_MODEL))
    assert [call.number for call in rig.open_calls.begun] == [1, 2]
    (failed,), first = rig.open_calls.amended, rig.entry.attempts[0]
    assert (failed.number, failed.status, failed.error) == (1, status, code)
    assert (failed.usage, failed.cost) == (first.usage, first.cost)
    (settled,) = settle([failed, rig.open_calls.begun[1]])
    assert msgspec.structs.replace(settled.attempts[0], latency_us=0) == msgspec.structs.replace(
        first, latency_us=0
    )
    assert settled.attempts[0].estimated is billed


# -- what was begun is recorded


async def finish(rig: Rig, path: str, body: dict[str, Any]) -> None:
    await rig.post(path, body)


async def cancel(rig: Rig, path: str, body: dict[str, Any]) -> None:
    task = asyncio.ensure_future(rig.post(path, body))
    await rig.transport.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def leave(rig: Rig, path: str, body: dict[str, Any]) -> None:
    call = rig.call(path, body)
    task = asyncio.ensure_future(call.run())
    await rig.transport.asked.wait()
    call.leave()
    await asyncio.wait([task])
    await rig.ledger.has(1)


STALLING = Scripted(body=[*OPENAI_EVENTS[:2], Wait.UNTIL_LEFT])
WAYS: list[tuple[Callable[[Rig, str, dict[str, Any]], Awaitable[None]], Step, bool]] = [
    (finish, GOOD, False),
    (finish, Scripted(body=OPENAI_EVENTS), True),
    (finish, Scripted(body=OPENAI_EVENTS[:2]), True),
    (finish, Scripted(body=[OPENAI_EVENTS[0], RuntimeError("a bug")]), True),
    (finish, openai_error(400), False),
    (finish, openai_error(500), False),
    (finish, UpstreamTimeout("slow"), False),
    (finish, RuntimeError("a bug"), False),
    (finish, Scripted(body=b"<html>"), False),
    (finish, Scripted(body=b"<html>"), True),
    (cancel, Scripted(before=Wait.FOR_EVER), False),
    (cancel, STALLING, True),
    (leave, Scripted(before=Wait.UNTIL_LEFT, body=OPENAI_WHOLE), False),
    (leave, STALLING, True),
]


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize(("way", "step", "stream"), WAYS)
async def test_whatever_happens_what_was_begun_is_recorded(
    way: Callable[[Rig, str, dict[str, Any]], Awaitable[None]], step: Step, stream: bool, path: str
) -> None:
    rig = Rig(step, otherwise=openai_error(500))
    await way(rig, path, ask(OPENAI_MODEL, stream=stream))
    assert {call.request_id for call in rig.open_calls.begun} == {rig.entry.request_id}
    assert len(rig.open_calls.begun) == len(rig.entry.attempts)


async def test_a_stream_that_cannot_be_estimated_is_recorded_as_unknown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS[:3]))

    class Broken:
        def upper(self, name: str, tokens: int) -> int:
            raise RuntimeError("a bug")

    rig.gateway.journey.sender.learner.ratios = Broken()  # type: ignore[assignment]  # that is the point
    await rig.post(MESSAGES, ask(ANTHROPIC_MODEL, stream=True))
    entry = rig.entry
    assert (entry.outcome, entry.error, entry.usage, entry.cost) == ("broken", "internal_error", None, None)
    assert "cannot be settled" in caplog.text


# -- no room


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_what_cannot_be_kept_is_not_sent(path: str) -> None:
    rig = Rig(GOOD)
    rig.open_calls.room = 0
    done = await rig.post(path, ask(OPENAI_MODEL))
    assert (done.status, rig.transport.requests) == (503, [])
    assert done.json()["error"]["type"] in ("server_error", "overloaded_error", "service_unavailable_error")
    assert (rig.entry.attempts, rig.entry.error, rig.entry.cost) == ((), "server_busy", 0)


async def test_a_second_attempt_that_cannot_be_kept_is_not_sent_either() -> None:
    rig = Rig(openai_error(500), GOOD)
    rig.open_calls.room = 1
    assert (await rig.post(CHAT, ask(OPENAI_MODEL))).status == 503
    assert len(rig.transport.requests) == len(rig.entry.attempts) == 1


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_a_ledger_that_is_full_takes_no_new_calls_until_it_can(path: str) -> None:
    rig = Rig(GOOD)
    rig.ledger.full = True
    done = await rig.post(path, ask(OPENAI_MODEL))
    assert (done.status, rig.transport.requests, rig.ledger.entries) == (503, [], ())
    assert int(done.headers["retry-after"]) >= 1
    assert "x-should-retry" not in done.headers
    assert "ledger" in done.json()["error"]["message"]
    rig.ledger.full = False
    assert (await rig.post(path, ask(OPENAI_MODEL))).status == 200
