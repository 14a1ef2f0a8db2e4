"""Resumed streams over the whole journey, before simulated providers with an invoice; in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy, asked_of
from pointsman.caching.idempotency.memory import MemoryIdempotency
from pointsman.costs import parse_usd
from pointsman.gateway.resume.following import STREAM_BYTES
from pointsman.ledger import MemoryLedger
from pointsman.simulator import Config
from tests.support.asgi import AsgiCall
from tests.support.event_ids import events_of, ids_of, without_ids
from tests.support.gateway import CHAT, MESSAGES, ask
from tests.support.stack import settings
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

WISH = {"x-pointsman-resumable": "true"}
WAYS = [(path, model) for path in (CHAT, MESSAGES) for model in ("claude-haiku-4-5", "gpt-5.4-mini")]
PROMPT = "Tell me a short story."


def stream(model: str, **more: Any) -> dict[str, Any]:
    return ask(model, PROMPT, stream=True, **({"max_tokens": 24} | more))


async def cut_behind(call: AsgiCall, count: int) -> bytes:
    """What a client has that reads so many events, and then is cut."""
    task = asyncio.ensure_future(call.run())
    await call.events(count)
    call.leave()
    await task
    return b"".join(events_of(call.body)[:count])


@pytest.mark.parametrize("keyed", [False, True], ids=["wish", "key"])
@pytest.mark.parametrize(("path", "model"), WAYS)
def test_cut_at_each_event_it_is_the_same_in_the_end_and_billed_once(
    path: str, model: str, keyed: bool
) -> None:
    """In either dialect, same or translated; who is cut comes back at once, and is cut again at the next
    event, until there is no more; another comes back to half of it when it is over."""

    async def work() -> None:
        async with virtual_stack(Config(pace="real"), delay=(0.01, 0.05)) as stack:
            more = {"idempotency-key": "whole"} if keyed else WISH
            original = await stack.post(path, stream(model), more)
            count = len(ids_of(original.body))
            assert count > 8
            plain = without_ids(original.body)
            for cut in range(1, count) if not keyed else range(1, count, 5):
                more = {"idempotency-key": f"cut {cut}"} if keyed else WISH
                had = await cut_behind(stack.call(path, stream(model), more), cut)
                seen = had
                while len(ids_of(seen)) < count:
                    last = ids_of(seen)[-1]
                    back = stack.call(path, stream(model), more | {"last-event-id": last})
                    left = count - len(ids_of(seen))
                    seen += await cut_behind(back, min(left, 1 + cut % 4))
                late = await stack.post(path, stream(model), more | {"last-event-id": ids_of(had)[-1]})
                assert had + late.body == seen
                assert len(ids_of(seen)) == len(set(ids_of(seen))) == count
                assert len(without_ids(seen)) == len(plain)
            bill = await stack.bill()
            assert len(bill.calls) == len(stack.ledger.entries)
            assert {entry.outcome for entry in stack.ledger.entries} == {"ok"}
            billed = sum(parse_usd(line.usd) for line in bill.calls)
            assert sum(entry.cost or 0 for entry in stack.ledger.entries) == billed > 0

    run_virtual(work)


@pytest.mark.parametrize(("after", "status"), [(0, 200), (298, 200), (302, 404)])
def test_its_time_is_over_some_time_after_its_end(after: float, status: int) -> None:
    async def work() -> None:
        async with virtual_stack(Config(pace="real")) as stack:
            first = await stack.post(CHAT, stream("gpt-5.4-mini"), WISH)
            await asyncio.sleep(after)
            ident = ids_of(first.body)[3]
            back = await stack.post(CHAT, stream("gpt-5.4-mini"), {"last-event-id": ident})
            assert back.status == status
            metrics = stack.gateway.streams.metrics
            if status == 200:
                assert first.body.endswith(back.body)
                assert metrics.held() > STREAM_BYTES
                return
            assert back.json()["error"]["code"] == "stream_not_found"
            assert first.headers["x-request-id"] in back.json()["error"]["message"]
            assert (metrics.held(), metrics.kept(), dict(metrics.fates)) == (0, 0, {"expired": 1})
            assert len((await stack.bill()).calls) == 1

    run_virtual(work)


@pytest.mark.parametrize(("after", "outcome"), [(0.1, "ok"), (0.4, "cut")])
def test_it_is_gone_on_with_for_a_while(after: float, outcome: str) -> None:
    """Then what came is booked, and who comes back later is told."""

    async def work() -> None:
        given = settings(streams={"linger": 0.2})
        async with virtual_stack(Config(pace="real"), given=given) as stack:
            asked = stream("gpt-5.4-mini", max_tokens=2000)
            asked["messages"][0]["content"] = "Tell me a very long story, at least 300 words."
            had = await cut_behind(stack.call(CHAT, asked, WISH), 3)
            await asyncio.sleep(after)
            back = await stack.post(CHAT, asked, {"last-event-id": ids_of(had)[-1]})
            assert [entry.outcome for entry in stack.ledger.entries] == [outcome]
            assert len((await stack.bill()).calls) == 1
            if outcome == "ok":
                assert ids_of(had + back.body) == [
                    f"{back.headers['x-request-id']}:{n}" for n in range(1, 1 + len(ids_of(had + back.body)))
                ]
                assert back.body.endswith(b"data: [DONE]\n\n")
            else:
                assert back.status == 404
                assert stack.gateway.streams.metrics.fates == {"given_up": 1}

    run_virtual(work)


def test_after_a_restart_a_kept_stream_is_resumed_and_of_another_it_is_told() -> None:
    key = {"idempotency-key": "one"}

    async def work() -> None:
        ledger, store = MemoryLedger(), MemoryIdempotency(IdempotencyPolicy())
        async with virtual_stack(Config(pace="real"), ledger=ledger, idempotency=store) as before:
            first = await before.post(MESSAGES, stream("gpt-5.4-mini"), key)
            plain = await before.post(MESSAGES, stream("gpt-5.4-mini"), WISH)
        async with virtual_stack(Config(pace="real"), ledger=ledger, idempotency=store) as after:
            for number, ident in enumerate(ids_of(first.body), start=1):
                back = await after.post(MESSAGES, stream("gpt-5.4-mini"), key | {"last-event-id": ident})
                assert b"".join(events_of(first.body)[:number]) + back.body == first.body
            gone = await after.post(
                MESSAGES, stream("gpt-5.4-mini"), {"last-event-id": ids_of(plain.body)[0]}
            )
            assert (gone.status, gone.json()["error"]["type"]) == (404, "not_found_error")
            assert "started anew" in gone.json()["error"]["message"]
            assert not (await after.bill()).calls

    run_virtual(work)


def test_of_what_was_under_way_when_the_process_died_its_client_is_told() -> None:
    key = {"idempotency-key": "one"}

    async def work() -> None:
        ledger, store = MemoryLedger(), MemoryIdempotency(IdempotencyPolicy())
        async with virtual_stack(ledger=ledger, idempotency=store) as before:
            done = await before.post(CHAT, stream("gpt-5.4-mini"), WISH)
            died = done.headers["x-request-id"]  # as if it had been killed: the claim is there, no answer is
            body = (await before.call(CHAT, stream("gpt-5.4-mini")).receive())["body"]
            at_us = before.clock.now_us()
            await store.claim(
                asked_of(b"one", key_id="", path=CHAT, query="", body=body, request_id=died, at_us=at_us)
            )
        async with virtual_stack(ledger=ledger, idempotency=store) as after:
            back = await after.post(CHAT, stream("gpt-5.4-mini"), key | {"last-event-id": f"{died}:3"})
            assert (back.status, back.json()["error"]["code"]) == (409, "idempotency_unknown")
            assert not (await after.bill()).calls

    run_virtual(work)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_hit_of_the_answer_cache_has_ids_of_its_own(path: str) -> None:
    async def work() -> None:
        async with virtual_stack(given=settings(cache={"enabled": True})) as stack:
            asked = stream("gpt-5.4-mini", temperature=0, max_tokens=1000)
            plain = await stack.post(path, asked)
            hit = await stack.post(path, asked, WISH)
            assert (hit.headers["x-pointsman-cache"], hit.headers["x-pointsman-resumable"]) == ("hit", "true")
            ids = ids_of(hit.body)
            assert ids == [f"{hit.headers['x-request-id']}:{number}" for number in range(1, len(ids) + 1)]
            assert len(ids) >= len(events_of(plain.body)) - 1
            for number, ident in enumerate(ids, start=1):
                back = await stack.post(path, asked, {"last-event-id": ident})
                assert b"".join(events_of(hit.body)[:number]) + back.body == hit.body
            assert len((await stack.bill()).calls) == 1
            assert len(stack.ledger.entries) == 2

    run_virtual(work)


@pytest.mark.parametrize("cut", range(1, 12, 2))
def test_each_of_those_that_share_a_call_has_ids_of_its_own(cut: int) -> None:
    """The one that makes the call is cut, and so are others; each comes back to its own stream."""

    async def work() -> None:
        given = settings(cache={"enabled": True})
        async with virtual_stack(Config(pace="real"), given=given) as stack:
            asked = stream("gpt-5.4-mini", temperature=0, max_tokens=1000)
            calls = [stack.call(CHAT, asked, WISH) for _ in range(5)]
            had = await asyncio.gather(*(cut_behind(call, cut) for call in calls))
            wholes = [
                one + (await stack.post(CHAT, asked, {"last-event-id": ids_of(one)[-1]})).body for one in had
            ]
            assert len({without_ids(whole) for whole in wholes}) == 1
            assert wholes[0].endswith(b"data: [DONE]\n\n")
            for call, whole in zip(calls, wholes, strict=True):
                count = len(ids_of(whole))
                assert ids_of(whole) == [f"{call.headers['x-request-id']}:{n}" for n in range(1, count + 1)]
            assert len((await stack.bill()).calls) == 1
            assert [entry.outcome for entry in stack.ledger.entries] == ["ok"] * 5

    run_virtual(work)
