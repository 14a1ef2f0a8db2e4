"""A second attempt beside one that is slow: who wins, what is booked, and that nothing is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.costs import parse_usd
from pointsman.dialects import get_dialect
from pointsman.gateway.attempts.hedging import repeatable
from pointsman.ledger.entry import Entry
from pointsman.simulator import Config, parse_faults
from tests.support.dead_process import left_by_a_dead_process
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_MODEL, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.stack import running_stack, settings
from tests.support.upstream import Scripted, Wait
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

FIRST, SECOND = ANTHROPIC_MODEL, OPENAI_MODEL
SLOW = f"{FIRST}/slow:at=1:factor=50"
"""About nine seconds until the first byte."""
WAYS = [(path, stream) for path in (CHAT, MESSAGES) for stream in (False, True)]


def hedged(**tables: Any) -> Settings:
    route = {"models": [FIRST, SECOND], "weights": [1, 0], "hedge": True}
    given: dict[str, Any] = {"routes": {"quick": route}}
    return settings(**given | tables)


def warm(stack: Any, *, calls: int = 60) -> None:
    """As if the first one had answered so many calls, each within 0.2 s."""
    now = stack.clock.monotonic()
    first = stack.gateway.flow.health.deployment(f"anthropic/{FIRST}", "anthropic", now)
    for _ in range(calls):
        first.latency.observe(0.2, now)
        first.provider.hedges.deposit()


async def nothing_left(stack: VirtualStack) -> None:
    """Nothing is held, nothing runs, and what is booked is not less than what is billed."""
    await asyncio.sleep(1.0)
    health, now = stack.gateway.flow.health, stack.clock.monotonic()
    for name, provider in ((FIRST, "anthropic"), (SECOND, "openai")):
        assert health.deployment(f"{provider}/{name}", provider, now).in_flight == 0
    view = await stack.gateway.overview.limits()
    assert [row.id for row in view.limits if row.held] == []
    bill = await stack.bill()
    assert bill.in_flight == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    ours = {
        f"{entry.request_id}-{attempt.number}": attempt
        for entry in stack.ledger.entries
        for attempt in entry.attempts
    }
    assert {line.client_request_id for line in bill.calls} == set(ours)
    for line in bill.calls:
        cost = ours[line.client_request_id].cost
        assert cost is not None and cost >= parse_usd(line.usd)
        if line.usage_reported and not ours[line.client_request_id].estimated:
            assert cost == parse_usd(line.usd)


def only(stack: Any) -> Entry:
    (entry,) = stack.ledger.entries
    return entry  # type: ignore[no-any-return]  # of a stack of either kind


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_the_second_answers_where_the_first_is_silent(path: str, stream: bool) -> None:
    async def work() -> None:
        async with virtual_stack(Config(faults=parse_faults(SLOW)), given=hedged()) as stack:
            warm(stack)
            began = stack.clock.monotonic()
            done = await stack.post(path, ask("quick", stream=stream))
            assert (done.status, done.headers["x-pointsman-model"]) == (200, SECOND)
            assert done.headers["x-pointsman-attempts"] == "2"
            assert 0.15 < stack.clock.monotonic() - began < 0.3, "as soon as the first was slow"
            entry = only(stack)
            lost, won = entry.attempts
            assert (lost.outcome, lost.estimated, won.outcome, won.estimated) == ("cut", True, "ok", False)
            assert (entry.outcome, entry.model, entry.status) == ("ok", SECOND, 200)
            assert entry.cost == (lost.cost or 0) + (won.cost or 0)
            await nothing_left(stack)
            counted = stack.gateway.flow.counted.counts
            assert counted["hedges", f"anthropic/{FIRST}", ""] == 1
            assert counted["hedges_won", f"anthropic/{FIRST}", ""] == 1

    run_virtual(work)


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_the_first_wins_if_it_wakes_up_sooner(path: str, stream: bool) -> None:
    faults = f"{FIRST}/slow:at=1:factor=5,{SECOND}/slow:at=1:factor=100"

    async def work() -> None:
        async with virtual_stack(Config(faults=parse_faults(faults)), given=hedged()) as stack:
            warm(stack)
            done = await stack.post(path, ask("quick", stream=stream))
            assert (done.status, done.headers["x-pointsman-model"]) == (200, FIRST)
            assert [attempt.outcome for attempt in only(stack).attempts] == ["ok", "cut"]
            await nothing_left(stack)

    run_virtual(work)


NOT_HEDGED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "quick": ("", {}, {}),
    "does things": (SLOW, {"container": "c_1"}, {}),
    "last attempt": (SLOW, {}, {"retries": {"attempts": 1}}),
    "no budget": (SLOW, {}, {"hedging": {"share": 0.0}}),
}


@pytest.mark.parametrize("case", NOT_HEDGED)
def test_when_there_is_no_second(case: str) -> None:
    faults, more, tables = NOT_HEDGED[case]

    async def work() -> None:
        async with virtual_stack(Config(faults=parse_faults(faults)), given=hedged(**tables)) as stack:
            warm(stack)
            done = await stack.post(MESSAGES, ask("quick", **more))
            assert (done.status, len(only(stack).attempts), stack.transport.sent) == (200, 1, 1)
            await nothing_left(stack)

    run_virtual(work)


def test_one_that_is_not_known_to_be_slow_is_waited_for() -> None:
    async def work() -> None:
        async with virtual_stack(Config(faults=parse_faults(SLOW)), given=hedged()) as stack:
            warm(stack, calls=40)
            await stack.post(CHAT, ask("quick"))
            assert len(only(stack).attempts) == 1

    run_virtual(work)


def test_a_second_never_waits_for_room() -> None:
    async def work() -> None:
        config = Config(faults=parse_faults(f"{SLOW},{SECOND}/slow:at=1:factor=100"))
        given = hedged(limits={SECOND: {"concurrency": 1}})
        async with virtual_stack(config, given=given) as stack:
            warm(stack)
            other = asyncio.create_task(stack.post(CHAT, ask(SECOND)))
            await asyncio.sleep(0.1)
            done = await stack.post(CHAT, ask("quick"))
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (FIRST, 2)
            await other
            await nothing_left(stack)

    run_virtual(work)


FAILURES = [
    (f"{FIRST}/529:at=1", ["error", "ok"], SECOND),
    (f"{FIRST}/reset:at=1:after=0", ["error", "ok"], SECOND),
    (f"{FIRST}/slow:at=1:factor=20,{SECOND}/529:at=1", ["ok", "error"], FIRST),
    (f"{FIRST}/529:at=1,{SECOND}/529:at=1", ["error", "error", "ok"], None),
    (f"{FIRST}/529:at=1,{SECOND}/slow:at=1:factor=20", ["error", "ok"], SECOND),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("faults", "outcomes", "model"), FAILURES)
def test_what_fails_leaves_the_other_alone(
    faults: str, outcomes: list[str], model: str | None, stream: bool
) -> None:
    """All requests are on their way for half a second, so that the second is sent before the first fails."""

    async def work() -> None:
        config = Config(faults=parse_faults(faults))
        async with virtual_stack(config, given=hedged(), delay=(0.5, 0.5)) as stack:
            warm(stack)
            done = await stack.post(CHAT, ask("quick", stream=stream))
            assert done.status == 200
            entry = only(stack)
            assert [attempt.outcome for attempt in entry.attempts] == outcomes
            assert [attempt.number for attempt in entry.attempts] == list(range(1, len(outcomes) + 1))
            assert model in (None, done.headers["x-pointsman-model"])
            await nothing_left(stack)

    run_virtual(work)


def test_if_all_fail_the_client_is_told_once_and_shall_not_retry() -> None:
    async def work() -> None:
        config = Config(faults=parse_faults("529:1.0"))
        async with virtual_stack(config, given=hedged(), delay=(0.5, 0.5)) as stack:
            warm(stack)
            done = await stack.post(MESSAGES, ask("quick"))
            assert (done.status // 100, done.headers["x-should-retry"]) == (5, "false")
            assert [attempt.outcome for attempt in only(stack).attempts] == ["error"] * 3, "the cap holds"
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", ["leaves", "cancelled"])
@pytest.mark.parametrize("tenths", range(0, 14, 1))
def test_nothing_is_left_whenever_the_client_goes(tenths: int, how: str, stream: bool) -> None:
    faults = f"{FIRST}/slow:at=1:factor=5,{SECOND}/slow:at=1:factor=4"

    async def work() -> None:
        config = Config(faults=parse_faults(faults))
        given = hedged(limits={FIRST: {"concurrency": 5}, SECOND: {"concurrency": 5}})
        async with virtual_stack(config, given=given, delay=(0.05, 0.1)) as stack:
            warm(stack)
            call = stack.call(CHAT, ask("quick", stream=stream))
            task = asyncio.create_task(call.run())
            await asyncio.wait((task,), timeout=tenths / 10 + 0.001)
            if how == "leaves":
                call.leave()
            else:
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert len(stack.ledger.entries) == 1
            assert all(attempt.outcome for attempt in only(stack).attempts)
            await asyncio.sleep(60)
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize("stream", [False, True])
def test_many_at_once_agree_with_the_invoice(stream: bool) -> None:
    faults = f"{FIRST}/slow:0.2:factor=30,{FIRST}/529:0.1,{SECOND}/slow:0.2:factor=5"

    async def work() -> None:
        given = hedged(hedging={"share": 0.5}, retries={"budget": 1.0, "base_delay": 0.01})
        config = Config(seed=3, faults=parse_faults(faults), pace="real", speed=4.0)
        async with virtual_stack(config, seed=3, given=given, delay=(0.01, 0.05)) as stack:
            warm(stack)
            asked = [stack.post(CHAT, ask("quick", f"{n}?", stream=stream)) for n in range(60)]
            done = await asyncio.gather(*asked)
            assert {each.status for each in done} == {200}
            entries = stack.ledger.entries
            assert len({entry.request_id for entry in entries}) == 60
            lost = [a for entry in entries for a in entry.attempts if a.outcome == "cut"]
            assert lost and all(attempt.estimated for attempt in lost)
            await nothing_left(stack)

    run_virtual(work)


def test_a_crash_with_two_under_way_books_both(tmp_path: Path) -> None:
    async def work() -> None:
        rig = Rig(Scripted(before=Wait.FOR_EVER), Scripted(before=Wait.FOR_EVER), given=hedged())
        warm(rig)
        task = asyncio.create_task(rig.post(CHAT, ask("quick")))
        await asyncio.sleep(1.0)
        assert [call.number for call in rig.open_calls.begun] == [1, 2]
        (entry,) = left_by_a_dead_process(tmp_path, rig.open_calls.begun)
        assert [(attempt.number, attempt.model) for attempt in entry.attempts] == [(1, FIRST), (2, SECOND)]
        assert all(attempt.cost for attempt in entry.attempts)
        assert entry.cost == sum(attempt.cost or 0 for attempt in entry.attempts)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(work)


def test_where_the_second_cannot_be_kept_the_first_goes_on() -> None:
    async def work() -> None:
        rig = Rig(Scripted(body=OPENAI_WHOLE, before=Wait.UNTIL_LEFT), given=hedged())
        rig.open_calls.room = 1
        warm(rig)
        task = asyncio.create_task(rig.post(CHAT, ask("quick")))
        await asyncio.sleep(1.0)
        assert len(rig.transport.requests) == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        (attempt,) = rig.entry.attempts
        assert attempt.outcome == "cut"

    run_virtual(work)


async def test_over_real_sockets() -> None:
    config = Config(faults=parse_faults(SLOW))
    async with running_stack(config, given=hedged()) as stack:
        warm(_Clocked(stack))
        status, headers, body = await stack.post("/v1/messages", ask("quick", stream=True))
        assert (status, headers["x-pointsman-model"]) == (200, SECOND)
        assert body.count(b"event: message_stop") == 1
        assert [attempt.outcome for attempt in only(stack).attempts] == ["cut", "ok"]
        invoice = await stack.invoice()
        async with asyncio.timeout(10):
            while invoice["in_flight"]:
                invoice = await stack.invoice()
        assert sorted(line["outcome"] for line in invoice["calls"]) == ["cut", "ok"]


class _Clocked:
    def __init__(self, stack: Any) -> None:
        self.gateway = stack.gateway
        self.clock = stack.gateway.clock


ASKED_TWICE: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"store": False, "mcp_servers": None, "tools": None}, True),
    ({"store": True}, False),
    ({"mcp_servers": []}, False),
    ({"web_search_options": {}}, False),
    ({"tools": [{"name": "f", "input_schema": {}}, {"type": "custom", "name": "g"}]}, True),
    ({"tools": [{"type": "function", "function": {"name": "f"}}]}, True),
    ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, False),
    ({"tools": "none"}, False),
]


@pytest.mark.parametrize(("more", "may"), ASKED_TWICE)
@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic_messages"])
def test_what_may_be_asked_twice(dialect: str, more: dict[str, Any], may: bool) -> None:
    assert repeatable(get_dialect(dialect).peek(msgspec.json.encode(ask("m", **more)))) is may
