"""Calls to cheap models, where things go wrong: nothing is left behind, nothing lost, one answer seen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as tries
from hypothesis import strategies as st

from pointsman.costs import parse_usd
from pointsman.keys import KeyInfo, KeyLimits
from pointsman.simulator import Config, parse_faults
from tests.support.cascading import (
    BASE,
    CHEAP_ONE,
    FIRST,
    HOMES,
    OTHER,
    RECORDED,
    SAME,
    SECOND,
    cascade,
    nothing_left,
    only,
    request,
    text_of,
)
from tests.support.dead_process import left_by_a_dead_process
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_WHOLE, OPENAI_WHOLE
from tests.support.stack import running_stack
from tests.support.upstream import Scripted, Wait
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

FAULTS = [
    (f"{FIRST}/529:at=1", "failed", ["error", "ok"]),
    (f"{SECOND}/500:at=1", "failed", ["cut", "error"]),
    (f"{FIRST}/reset:at=1:after=0", "failed", None),
    (f"{FIRST}/malformed:at=1", "failed", None),
    (f"{FIRST}/slow:at=1:factor=10000", "failed", ["cut", "ok"]),
    (f"{FIRST}/529:1.0,{SECOND}/429:1.0", "failed", None),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("faults", "because", "outcomes"), FAULTS)
def test_a_cheap_model_that_fails_is_not_waited_for(
    faults: str, because: str, outcomes: list[str] | None, stream: bool
) -> None:
    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(faults))
        async with virtual_stack(
            config, given=cascade(cascade={"patience": 20}), delay=(0.01, 0.05)
        ) as stack:
            began = stack.clock.monotonic()
            done = await stack.post(CHAT, request(CHAT, stream=stream))
            assert stack.clock.monotonic() - began < 25
            assert text_of(CHAT, stream, done.body) == "It is 4."
            entry = only(stack)
            assert (entry.outcome, entry.model) == ("ok", BASE)
            counted = stack.gateway.flow.counted.counts
            assert counted["cascades_escalated", "x", because] == 1
            if outcomes is not None:
                assert [attempt.outcome for attempt in entry.attempts[:2]] == outcomes
            await asyncio.sleep(3600)
            await nothing_left(stack)

    run_virtual(work)


def test_if_the_baseline_fails_too_its_error_is_told() -> None:
    async def work() -> None:
        async with virtual_stack(Config(faults=parse_faults("529:1.0")), given=cascade()) as stack:
            done = await stack.post(MESSAGES, request(MESSAGES))
            assert (done.status // 100, done.headers["x-should-retry"]) == (5, "false")
            await nothing_left(stack)

    run_virtual(work)


def test_the_whole_time_is_not_given_to_cheap_models() -> None:
    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(f"{FIRST}/slow:at=1:factor=10000"))
        given = cascade(cascade={"patience": 1000}, timeouts={"total": 30})
        async with virtual_stack(config, given=given) as stack:
            began = stack.clock.monotonic()
            done = await stack.post(CHAT, request(CHAT))
            assert (done.status, done.headers["x-pointsman-model"]) == (200, BASE)
            assert 14 < stack.clock.monotonic() - began < 30
            await nothing_left(stack)

    run_virtual(work)


def test_where_limits_have_no_room_cheap_models_are_not_waited_for() -> None:
    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(f"{SECOND}/slow:at=1:factor=100"))
        given = cascade(limits={SECOND: {"concurrency": 1}, FIRST: {"concurrency": 9}})
        async with virtual_stack(config, given=given) as stack:
            other = asyncio.create_task(stack.post(CHAT, ask(SECOND)))
            await asyncio.sleep(0.1)
            done = await stack.post(CHAT, request(CHAT))
            assert done.headers["x-pointsman-route"].endswith("because=busy")
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (BASE, 2)
            view = await stack.gateway.overview.limits()
            assert [row.name for row in view.limits if row.held] == [SECOND]
            await other
            await nothing_left(stack)

    run_virtual(work)


class LimitedDoor:
    def authenticate(self, token: str) -> KeyInfo:
        return KeyInfo(id="k1", name="team", tenant="t", limits=KeyLimits(rpm=3, concurrency=1))


def test_limits_of_the_key_count_the_request_and_not_its_attempts() -> None:
    async def work() -> None:
        stacked = virtual_stack(Config(replay=RECORDED), given=cascade(), door=LimitedDoor())
        async with stacked as stack:
            for prompt in (SAME, OTHER, SAME):
                began = stack.clock.monotonic()
                await stack.post(CHAT, request(CHAT, prompt))
                assert stack.clock.monotonic() - began < 10, "it did not wait for itself"
            assert [len(entry.attempts) for entry in stack.ledger.entries] == [2, 3, 2]
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("prompt", [SAME, OTHER])
def test_a_stream_is_told_that_it_waits_and_sees_nothing_else(path: str, prompt: str) -> None:
    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(f"{SECOND}/slow:at=1:factor=60"))
        given = cascade(queue={"comments_after": 1.0})
        async with virtual_stack(config, given=given) as stack:
            call = stack.call(path, request(path, prompt, stream=True))
            task = asyncio.create_task(call.run())
            await asyncio.wait((task,), timeout=3.0)
            assert call.status == 200 and not task.done()
            assert set(call.body.split(b"\n\n")) == {b": queued", b""}
            await task
            assert text_of(path, True, call.body).startswith("Well." if prompt == SAME else "It is 56.")
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", ["leaves", "cancelled"])
@pytest.mark.parametrize("tenths", [0, 1, 3, 5, 8, 12, 20, 30])
def test_nothing_is_left_whenever_the_client_goes(tenths: int, how: str, stream: bool) -> None:
    faults = f"{FIRST}/slow:at=1:factor=5,{SECOND}/slow:at=1:factor=4"

    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(faults))
        given = cascade(limits={name: {"concurrency": 5} for name in HOMES})
        async with virtual_stack(config, given=given, delay=(0.05, 0.1)) as stack:
            call = stack.call(CHAT, request(CHAT, OTHER, stream=stream))
            task = asyncio.create_task(call.run())
            await asyncio.wait((task,), timeout=tenths / 10 + 0.001)
            if how == "leaves":
                call.leave()
            else:
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert all(attempt.outcome for attempt in only(stack).attempts)
            await asyncio.sleep(60)
            await nothing_left(stack)

    run_virtual(work)


WORDS = st.sampled_from([SAME, OTHER, CHEAP_ONE])
KINDS = [
    "429",
    "500",
    "529",
    "slow:factor=50",
    "reset:after=0",
    "reset:after=5",
    "malformed",
    "stall:after=1",
]


@seed(11)
@tries(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    prompts=st.lists(
        st.tuples(WORDS, st.booleans(), st.sampled_from([CHAT, MESSAGES])), min_size=1, max_size=6
    ),
    faults=st.lists(
        st.tuples(st.sampled_from(sorted(HOMES)), st.sampled_from(KINDS)), max_size=3, unique=True
    ),
    accept=st.sampled_from(["agreement", "consistency"]),
)
def test_whatever_happens_the_cost_is_the_sum_and_only_one_answer_is_seen(
    prompts: list[tuple[str, bool, str]], faults: list[tuple[str, str]], accept: str
) -> None:
    script = ",".join(
        f"{scope}/{kind.partition(':')[0]}:0.4:{kind.partition(':')[2]}".rstrip(":") for scope, kind in faults
    )

    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(script))
        given = cascade(accept, cascade={"patience": 5}, timeouts={"idle": 20, "first_byte": 20})
        async with virtual_stack(config, given=given, delay=(0.01, 0.2)) as stack:
            asked = [
                stack.post(path, request(path, prompt, stream=stream)) for prompt, stream, path in prompts
            ]
            for (prompt, stream, path), done in zip(prompts, await asyncio.gather(*asked), strict=True):
                if done.status == 200 and b"error" not in done.body and prompt != CHEAP_ONE:
                    text = text_of(path, stream, done.body)
                    model = done.headers.get("x-pointsman-model")
                    recorded = RECORDED.find(prompt, [model or text])
                    assert text == (recorded or text)
                    if "escalated" in done.headers.get("x-pointsman-route", "") and not faults:
                        assert text.startswith("It is ")
            await asyncio.sleep(3600)
            await nothing_left(stack)

    run_virtual(work)


def test_a_crash_while_the_baseline_answers_books_what_the_cheap_ones_took(tmp_path: Path) -> None:
    async def work() -> None:
        given = cascade(auto={"grader": {"extract": "number"}})
        rig = Rig(
            Scripted(body=ANTHROPIC_WHOLE),
            Scripted(body=OPENAI_WHOLE),
            Scripted(before=Wait.FOR_EVER),
            given=given,
        )
        task = asyncio.create_task(rig.post(CHAT, request(CHAT)))
        await asyncio.sleep(1.0)
        assert [call.number for call in rig.open_calls.begun][:3] == [1, 2, 3]
        (entry,) = left_by_a_dead_process(tmp_path, rig.open_calls.begun)
        assert [attempt.number for attempt in entry.attempts] == [1, 2, 3]
        assert entry.cost == sum(attempt.cost or 0 for attempt in entry.attempts)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(work)


def test_where_attempts_cannot_be_kept_none_is_lost() -> None:
    async def work() -> None:
        rig = Rig(Scripted(before=Wait.UNTIL_LEFT), given=cascade())
        rig.open_calls.room = 1
        done = await rig.post(CHAT, request(CHAT))
        assert done.status == 503
        assert [attempt.outcome for attempt in rig.entry.attempts] == ["cut"]

    run_virtual(work)


async def test_over_real_sockets() -> None:
    async with running_stack(Config(replay=RECORDED), given=cascade()) as stack:
        for prompt, stream, model in ((SAME, True, FIRST), (OTHER, False, BASE)):
            status, headers, body = await stack.post("/v1/messages", request(MESSAGES, prompt, stream=stream))
            assert (status, headers["x-pointsman-model"]) == (200, model)
            assert text_of(MESSAGES, stream, body)
        invoice = await stack.invoice()
        entries = stack.ledger.entries
        booked = sum(entry.cost or 0 for entry in entries)
        assert booked == sum(parse_usd(line["usd"]) for line in invoice["calls"])
        assert len(invoice["calls"]) == 5


def test_cheap_calls_take_none_of_the_attempts_of_the_baseline() -> None:
    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(f"{BASE}/529:at=1+2"))
        given = cascade(retries={"attempts": 3, "budget": 1.0})
        async with virtual_stack(config, given=given) as stack:
            done = await stack.post(CHAT, request(CHAT, OTHER))
            assert (done.status, done.headers["x-pointsman-attempts"]) == (200, "4")
            shown = (await stack.call(f"/v1/requests/{only(stack).request_id}", method="GET").run()).json()
            assert shown["routing"]["cascade"] == "escalated:differ"
            await nothing_left(stack)

    run_virtual(work)


def test_one_that_fails_again_and_again_is_not_asked_for_a_while() -> None:
    async def work() -> None:
        config = Config(replay=RECORDED, faults=parse_faults(f"{SECOND}/500:1.0"))
        async with virtual_stack(config, given=cascade()) as stack:
            for _ in range(30):
                done = await stack.post(CHAT, request(CHAT))
                assert (done.status, done.headers["x-pointsman-model"]) == (200, BASE)
            attempts = [len(entry.attempts) for entry in stack.ledger.entries]
            assert (attempts[0], attempts[-1]) == (3, 1)
            await nothing_left(stack)

    run_virtual(work)
