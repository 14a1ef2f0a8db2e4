"""Cheap first: who answers, what is booked, what the client sees and when; and nothing is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as tries
from hypothesis import strategies as st

from pointsman.config import Settings
from pointsman.costs import parse_usd
from pointsman.dialects import get_dialect
from pointsman.http1 import iter_events
from pointsman.keys import KeyInfo, KeyLimits
from pointsman.ledger.entry import Entry
from pointsman.simulator import Config, parse_faults
from pointsman.simulator.replay import Recorded, Replay
from tests.support.dead_process import left_by_a_dead_process
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_WHOLE, OPENAI_WHOLE
from tests.support.stack import running_stack, settings
from tests.support.upstream import Scripted, Wait
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

FIRST, SECOND, BASE = "claude-haiku-4-5", "gpt-4o-mini", "claude-sonnet-4-5"
HOMES = {FIRST: "anthropic", SECOND: "openai", BASE: "anthropic"}
WAYS = [(path, stream) for path in (CHAT, MESSAGES) for stream in (False, True)]
SAME, OTHER, CHEAP_ONE = "two and two", "seven times eight", "say something"
RECORDED = Replay(
    {
        SAME: {
            FIRST: Recorded('Well.\n```json\n{"answer": "4"}\n```'),
            SECOND: Recorded('{"answer": 4.0}'),
            BASE: Recorded("It is 4."),
        },
        OTHER: {
            FIRST: Recorded('{"answer": "54"}'),
            SECOND: Recorded('{"answer": "56"}'),
            BASE: Recorded("It is 56."),
        },
    }
)


def cascade(accept: str = "agreement", **more: Any) -> Settings:
    route = {
        "policy": "cascade",
        "pool": [FIRST, SECOND, BASE],
        "cascade": {"accept": accept, "certified": False} | more.pop("cascade", {}),
        "grader": {"extract": "json:answer"},
    }
    return settings(auto={"x": route | more.pop("auto", {})}, **more)


def request(path: str, prompt: str = SAME, *, stream: bool = False, **more: Any) -> dict[str, Any]:
    return ask("auto:x", stream=stream) | {"messages": [{"role": "user", "content": prompt}]} | more


def text_of(path: str, stream: bool, body: bytes) -> str:
    """As a client of that dialect reads it."""
    dialect = get_dialect("openai_chat" if path == CHAT else "anthropic_messages")
    if not stream:
        return "".join(getattr(part, "text", "") for part in dialect.decode_response(body).parts)
    decoder = dialect.stream_decoder()
    events = [event for name, data in iter_events(body) for event in decoder.feed(name, data)]
    assert decoder.ended
    return "".join(getattr(event, "text", "") for event in events)


def only(stack: VirtualStack) -> Entry:
    (entry,) = stack.ledger.entries
    return entry


async def nothing_left(stack: VirtualStack) -> None:
    """Nothing is held, nothing runs; what is booked is the sum of the attempts and no less than is billed."""
    await asyncio.sleep(1.0)
    health, now = stack.gateway.flow.health, stack.clock.monotonic()
    for name, provider in HOMES.items():
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
    assert {line.client_request_id for line in bill.calls} <= set(ours)
    for line in bill.calls:
        attempt = ours[line.client_request_id]
        assert attempt.cost is not None and attempt.cost >= parse_usd(line.usd)
        if line.usage_reported and not attempt.estimated:
            assert attempt.cost == parse_usd(line.usd)
    for entry in stack.ledger.entries:
        assert entry.cost == sum(attempt.cost or 0 for attempt in entry.attempts)
        assert [attempt.number for attempt in entry.attempts] == list(range(1, len(entry.attempts) + 1))


def sent_to(entry: Entry) -> list[tuple[str, str]]:
    """Whom, and how it went."""
    return [
        (next(name for name in HOMES if attempt.model.startswith(name)), attempt.outcome)
        for attempt in entry.attempts
    ]


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_what_two_cheap_models_agree_on_is_the_answer(path: str, stream: bool) -> None:
    async def work() -> None:
        async with virtual_stack(Config(replay=RECORDED), given=cascade()) as stack:
            done = await stack.post(path, request(path, stream=stream))
            assert done.status == 200
            assert text_of(path, stream, done.body) == 'Well.\n```json\n{"answer": "4"}\n```'
            assert done.headers["x-pointsman-model"] == FIRST
            assert done.headers["x-pointsman-attempts"] == "2"
            assert done.headers["x-pointsman-route"].endswith("cascade=accepted; because=agree")
            entry = only(stack)
            assert (entry.outcome, entry.model, entry.requested) == ("ok", FIRST, "auto:x")
            assert sent_to(entry) == [(FIRST, "ok"), (SECOND, "ok")]
            assert stack.gateway.flow.counted.counts["cascades_accepted", "x", "agree"] == 1
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_where_they_differ_the_baseline_answers_and_nothing_else_is_seen(path: str, stream: bool) -> None:
    async def work() -> None:
        async with virtual_stack(Config(replay=RECORDED), given=cascade()) as stack:
            done = await stack.post(path, request(path, OTHER, stream=stream))
            assert text_of(path, stream, done.body) == "It is 56."
            assert b"answer" not in done.body.replace(b"answered", b"")
            assert done.headers["x-pointsman-model"] == BASE
            assert done.headers["x-pointsman-attempts"] == "3"
            assert done.headers["x-pointsman-route"].endswith("cascade=escalated; because=differ")
            entry = only(stack)
            assert sent_to(entry) == [(FIRST, "ok"), (SECOND, "ok"), (BASE, "ok")]
            assert (entry.model, entry.outcome) == (BASE, "ok")
            shown = (await stack.call(f"/v1/requests/{entry.request_id}", method="GET").run()).json()
            assert [attempt["number"] for attempt in shown["attempts"]] == [1, 2, 3]
            assert stack.gateway.flow.counted.counts["cascades_escalated", "x", "differ"] == 1
            await nothing_left(stack)

    run_virtual(work)


def test_without_a_certificate_the_baseline_answers_and_says_so() -> None:
    async def work() -> None:
        given = cascade(cascade={"certified": True})
        async with virtual_stack(Config(replay=RECORDED), given=given) as stack:
            done = await stack.post(CHAT, request(CHAT))
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (BASE, 1)
            assert "reason=no_certificate" in done.headers["x-pointsman-route"]
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_an_accepted_answer_in_the_clients_dialect_passes_through_to_the_byte(path: str) -> None:
    async def work() -> None:
        whole = OPENAI_WHOLE if path == CHAT else ANTHROPIC_WHOLE
        pool = [SECOND, "gpt-4o", BASE] if path == CHAT else [FIRST, "claude-opus-4-5", BASE]
        given = cascade(auto={"pool": pool, "grader": {"extract": "text"}})
        rig = Rig(Scripted(body=whole), Scripted(body=whole), given=given)
        done = await rig.post(path, request(path, extra={"kept": 1}))
        assert (done.status, done.body) == (200, whole)
        assert [rig.sent(number)["extra"] for number in (0, 1)] == [{"kept": 1}] * 2
        assert [rig.sent(number)["model"] for number in (0, 1)] == pool[:2]

    run_virtual(work)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_cheap_models_are_asked_whole_and_the_baseline_as_the_client_asked(path: str) -> None:
    async def work() -> None:
        given = cascade(auto={"pool": [SECOND, "gpt-4o", "gpt-4.1"]})
        rig = Rig(Scripted(body=OPENAI_WHOLE), Scripted(body=OPENAI_WHOLE), given=given)
        more: dict[str, Any] = {"stream_options": {"include_usage": True}} if path == CHAT else {}
        await rig.post(path, request(path, stream=True, **more))
        cheap, other, strong = (rig.sent(number) for number in range(3))
        assert not cheap.get("stream") and not other.get("stream") and strong["stream"] is True
        assert "stream_options" not in cheap

    run_virtual(work)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_tools_that_are_called_rightly_are_accepted(path: str, stream: bool) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool: dict[str, Any] = {"name": "get_weather", "input_schema": schema}
    if path == CHAT:
        tool = {"type": "function", "function": {"name": "get_weather", "parameters": schema}}

    async def work() -> None:
        async with virtual_stack(given=cascade("tools")) as stack:
            asks = request(path, "What is the weather in Rome?", stream=stream, tools=[tool])
            done = await stack.post(path, asks)
            assert "because=tools" in done.headers["x-pointsman-route"]
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (FIRST, 1)
            assert b"get_weather" in done.body
            plain = await stack.post(path, request(path, "Hello"))
            assert "because=nothing_to_check" in plain.headers["x-pointsman-route"]
            assert (plain.headers["x-pointsman-model"], stack.transport.sent) == (BASE, 2)
            await nothing_left(stack)

    run_virtual(work)


def test_an_answer_in_the_schema_is_accepted() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}

    async def work() -> None:
        async with virtual_stack(given=cascade("schema")) as stack:
            done = await stack.post(CHAT, request(CHAT, "How many?", response_format=wanted))
            assert "cascade=accepted; because=schema" in done.headers["x-pointsman-route"]
            assert (done.headers["x-pointsman-model"], stack.transport.sent) == (FIRST, 1)
            await nothing_left(stack)

    run_virtual(work)


def test_several_answers_of_one_model_are_all_booked() -> None:
    async def work() -> None:
        given = cascade("consistency", cascade={"samples": 4, "share": 0.75})
        async with virtual_stack(Config(replay=RECORDED), given=given) as stack:
            done = await stack.post(CHAT, request(CHAT))
            assert "because=majority" in done.headers["x-pointsman-route"]
            assert sent_to(only(stack)) == [(FIRST, "ok")] * 4
            await nothing_left(stack)

    run_virtual(work)


@pytest.mark.parametrize(
    "more",
    [{"n": 2}, {"store": True}, {"web_search_options": {}}, {"stream": True, "logprobs": True}],
)
def test_what_is_none_for_several_models_goes_to_the_baseline_alone(more: dict[str, Any]) -> None:
    async def work() -> None:
        given = cascade(auto={"pool": [SECOND, "gpt-4o", "gpt-4.1"]})
        rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=given)
        await rig.post(CHAT, request(CHAT) | more)
        assert rig.sent(0)["model"] == "gpt-4.1"
        counted = rig.gateway.flow.counted.counts
        assert counted["cascades_escalated", "x", "nothing_to_check"] == 1

    run_virtual(work)


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
