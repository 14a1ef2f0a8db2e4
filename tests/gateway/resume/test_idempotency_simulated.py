"""Idempotency keys over the whole journey, before simulated providers with an invoice; in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy, asked_of
from pointsman.caching.idempotency.memory import MemoryIdempotency
from pointsman.costs import parse_usd
from pointsman.ledger import MemoryLedger
from pointsman.ledger.entry import REPLAY, Entry
from pointsman.simulator import Config, parse_faults
from tests.support.asgi import AsgiCall
from tests.support.gateway import CHAT, MESSAGES, ask
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

KEY = {"idempotency-key": "one"}
DAY = 86_400
WAYS: list[tuple[str, str, bool]] = [
    (path, model, stream)
    for path in (CHAT, MESSAGES)
    for model in ("claude-haiku-4-5", "gpt-5.4-mini")
    for stream in (False, True)
]


def same(one: AsgiCall, two: AsgiCall) -> bool:
    own = {"idempotent-replayed", "x-pointsman-replay-id"}
    replayed = {name: value for name, value in two.headers.items() if name not in own}
    return (one.status, one.headers, one.body) == (two.status, replayed, two.body)


def body(model: str, *, stream: bool) -> dict[str, Any]:
    return ask(model, stream=stream) if stream else ask(model)


def asked_for(stack: VirtualStack) -> list[Entry]:
    """Replays aside."""
    return [entry for entry in stack.ledger.entries if entry.cache != REPLAY]


@pytest.mark.parametrize(("path", "model", "stream"), WAYS)
def test_fifty_at_any_time_are_one_call_and_one_bill(path: str, model: str, stream: bool) -> None:
    """In either dialect, translated or not, at random moments while it is under way and after."""

    async def work() -> None:
        async with virtual_stack(Config(pace="real"), delay=(0.01, 0.2)) as stack:

            async def later(number: int) -> AsgiCall:
                await asyncio.sleep(number * 0.11)
                return await stack.post(path, body(model, stream=stream), KEY)

            first, *others = await asyncio.gather(*map(later, range(50)))
            assert first.status == 200
            assert all(same(first, other) for other in others)
            bill = await stack.bill()
            assert (len(bill.calls), len(stack.ledger.entries)) == (1, 50)
            assert sum(entry.cost or 0 for entry in stack.ledger.entries) == parse_usd(bill.calls[0].usd)
            assert {entry.source for entry in stack.ledger.entries} == {"", first.headers["x-request-id"]}
            counted = stack.gateway.idempotency.metrics.requests
            assert counted["first"] == 1
            assert counted["followed"] + counted["replayed"] == 49

    run_virtual(work)


def test_it_is_over_after_a_day_and_not_before() -> None:
    async def work() -> None:
        async with virtual_stack() as stack:
            first = await stack.post(CHAT, ask("gpt-5.4-mini"), KEY)
            await asyncio.sleep(DAY - 10)
            assert same(first, await stack.post(CHAT, ask("gpt-5.4-mini"), KEY))
            await asyncio.sleep(11)
            again = await stack.post(CHAT, ask("gpt-5.4-mini"), KEY)
            assert "idempotent-replayed" not in again.headers
            assert again.headers["x-request-id"] != first.headers["x-request-id"]
            assert len((await stack.bill()).calls) == 2

    run_virtual(work, limit_seconds=2 * DAY)


async def left_alone(stack: VirtualStack, after: float) -> AsgiCall:
    """A client that leaves, and whose provider goes on."""
    call = stack.call(CHAT, ask("gpt-5.4-mini", "Tell me a long story.", stream=True), KEY)
    task = asyncio.ensure_future(call.run())
    await asyncio.sleep(after)
    call.leave()
    await task
    return call


@pytest.mark.parametrize("after", [0.05, 0.3, 0.5, 0.6])
@pytest.mark.parametrize(("linger", "calls"), [(60.0, 1), (0.0, 2)])
def test_a_client_that_is_cut_and_comes_back(after: float, linger: float, calls: int) -> None:
    async def work() -> None:
        given = settings(idempotency={"linger": linger})
        async with virtual_stack(Config(pace="real"), given=given) as stack:
            left = await left_alone(stack, after)
            assert not left.body.endswith(b"[DONE]\n\n")
            await asyncio.sleep(1)
            back = await stack.post(CHAT, ask("gpt-5.4-mini", "Tell me a long story.", stream=True), KEY)
            assert back.body.endswith(b"[DONE]\n\n")
            assert len((await stack.bill()).calls) == calls
            assert [entry.outcome for entry in asked_for(stack)] == ["cut", "ok"][-calls:]
            if calls == 1:
                assert back.body.startswith(left.body)

    run_virtual(work)


def test_lingering_has_an_end() -> None:
    async def work() -> None:
        given = settings(idempotency={"linger": 0.1})
        async with virtual_stack(Config(pace="real"), given=given) as stack:
            await left_alone(stack, 0.3)
            assert not stack.ledger.entries
            await asyncio.sleep(2)
            assert [entry.outcome for entry in stack.ledger.entries] == ["cut"]
            assert stack.gateway.idempotency.metrics.kept == 0

    run_virtual(work)


@pytest.mark.parametrize("booked", [True, False])
def test_after_a_death_what_was_sent_is_told_and_what_was_not_is_asked(booked: bool) -> None:
    """The next start finds the claim of a process that died, and in the ledger what it had sent."""

    async def work() -> None:
        store, ledger = MemoryIdempotency(IdempotencyPolicy()), MemoryLedger()
        async with virtual_stack(ledger=ledger) as before:
            done = await before.post(CHAT, ask("gpt-5.4-mini"), {"idempotency-key": "another"})
            claim = before.call(CHAT, ask("gpt-5.4-mini"))
            died = done.headers["x-request-id"] if booked else "req_that_was_never_sent"
            await store.claim(
                asked_of(
                    b"one", key_id="", path=CHAT, query="", body=(await claim.receive())["body"],
                    request_id=died, at_us=before.clock.now_us(),
                )
            )  # fmt: skip
        async with virtual_stack(ledger=ledger, idempotency=store) as after:
            retry = await after.post(CHAT, ask("gpt-5.4-mini"), KEY)
            if not booked:
                assert retry.status == 200
                assert same(retry, await after.post(CHAT, ask("gpt-5.4-mini"), KEY))
                return
            assert (retry.status, retry.json()["error"]["code"]) == (409, "idempotency_unknown")
            assert died in retry.json()["error"]["message"]
            assert len((await after.bill()).calls) == 0

    run_virtual(work)


def test_a_limit_that_is_met_is_not_kept() -> None:
    async def work() -> None:
        faults = parse_faults("gpt-5.4-mini/429:1:retry_after=0.01")
        given = settings(retries={"attempts": 1}, queue={"max_wait": 0.1})
        async with virtual_stack(Config(faults=faults), given=given) as stack:
            for _ in range(2):
                done = await stack.post(CHAT, ask("gpt-5.4-mini"), KEY)
                assert (done.status, "idempotent-replayed" in done.headers) == (429, False)

    run_virtual(work)


def test_who_comes_back_in_time_is_not_cut_when_that_time_is_over() -> None:
    async def work() -> None:
        given = settings(idempotency={"linger": 0.2})
        async with virtual_stack(Config(pace="real"), given=given) as stack:
            await left_alone(stack, 0.3)
            await asyncio.sleep(0.1)
            back = await stack.post(CHAT, ask("gpt-5.4-mini", "Tell me a long story.", stream=True), KEY)
            assert back.body.endswith(b"[DONE]\n\n")
            assert [entry.outcome for entry in asked_for(stack)] == ["ok"]

    run_virtual(work)


@pytest.mark.parametrize("stream", [False, True])
def test_a_hit_of_the_answer_cache_is_kept_as_any_answer(stream: bool) -> None:
    async def work() -> None:
        async with virtual_stack(given=settings(cache={"enabled": True})) as stack:
            asked = ask("gpt-5.4-mini", temperature=0, max_tokens=1000) | ({"stream": True} if stream else {})
            await stack.post(CHAT, asked)
            hit = await stack.post(CHAT, asked, KEY)
            assert (hit.status, hit.headers["x-pointsman-cache"]) == (200, "hit")
            assert "idempotent-replayed" not in hit.headers
            assert same(hit, await stack.post(CHAT, asked, KEY))
            assert len(asked_for(stack)) == 2
            assert len((await stack.bill()).calls) == 1

    run_virtual(work)
