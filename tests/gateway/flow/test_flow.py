"""What stands between a plan and its provider: what is reserved and settled, who waits and who is told."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.config.flow import LimitSettings
from pointsman.errors import InvalidRequest
from pointsman.gateway.flow.flow import max_wait_of, priority_of
from pointsman.keys import KeyInfo, KeyLimits
from pointsman.providers import simulated_providers
from pointsman.simulator import Config
from tests.support.arrivals import an_arrival
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import OPENAI_WHOLE
from tests.support.stack import settings
from tests.support.upstream import Scripted, Wait
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

GPT, HAIKU = "gpt-4.1", "claude-haiku-4-5"


def limited(model: str = GPT, **limits: Any) -> Settings:
    return msgspec.structs.replace(settings(), limits={model: LimitSettings(**limits)})


class OneKey:
    """Whoever comes has the same key."""

    def __init__(self, **limits: Any) -> None:
        self._key = KeyInfo(id="k1", name="team", tenant="t", limits=KeyLimits(**limits))

    def authenticate(self, token: str) -> KeyInfo:
        return self._key


async def used(rig: Rig | VirtualStack) -> dict[str, tuple[int, int]]:
    """Of each limit: what is used, and what of it is held for calls under way."""
    view = await rig.gateway.overview.limits()
    return {row.id: (row.used, row.held) for row in view.limits}


async def test_what_was_reserved_is_replaced_by_what_was_used() -> None:
    given = limited(rpm=10, input_tpm=10_000, output_tpm=10_000, tpm=50_000, concurrency=3)
    rig = Rig(Scripted(body=OPENAI_WHOLE), given=given)
    await rig.post(CHAT, ask(GPT, max_tokens=500))
    usage = rig.entry.usage
    assert usage is not None
    assert await used(rig) == {
        f"model:{GPT}/rpm": (1, 0),
        f"model:{GPT}/input_tpm": (usage.prompt, 0),
        f"model:{GPT}/output_tpm": (usage.output, 0),
        f"model:{GPT}/tpm": (usage.prompt + 500, 0),  # OpenAI counts the stated bound, and keeps it
        f"model:{GPT}/concurrency": (0, 0),
    }


async def test_what_is_under_way_is_held() -> None:
    slow = Scripted(body=OPENAI_WHOLE, before=Wait.UNTIL_LEFT)
    rig = Rig(slow, given=limited(rpm=10, concurrency=3))
    running = asyncio.create_task(rig.post(CHAT, ask(GPT)))
    await rig.transport.asked.wait()
    assert await used(rig) == {f"model:{GPT}/rpm": (1, 1), f"model:{GPT}/concurrency": (1, 1)}
    rig.transport.answer_now()
    await running
    assert await used(rig) == {f"model:{GPT}/rpm": (1, 0), f"model:{GPT}/concurrency": (0, 0)}


async def test_a_key_pays_once_for_all_attempts_and_a_model_for_each() -> None:
    rig = Rig(
        Scripted(status=503),
        Scripted(body=OPENAI_WHOLE),
        given=limited(rpm=10),
        door=OneKey(rpm=5, concurrency=2),
    )
    done = await rig.post(CHAT, ask(GPT))
    assert (done.status, len(rig.entry.attempts)) == (200, 2)
    assert await used(rig) == {
        f"model:{GPT}/rpm": (2, 0),
        "key:k1/rpm": (1, 0),
        "key:k1/concurrency": (0, 0),
    }


async def test_a_request_that_is_never_sent_takes_nothing() -> None:
    rig = Rig(given=limited(rpm=10), door=OneKey(rpm=5))
    done = await rig.post(CHAT, ask(GPT, max_tokens=10**9))
    assert done.status == 400
    assert set((await used(rig)).values()) <= {(0, 0)}


async def test_a_limit_that_can_never_be_met_says_so_and_how_large_it_is() -> None:
    rig = Rig(given=limited(tpm=100))
    done = await rig.post(CHAT, ask(GPT, max_tokens=5_000))
    assert (done.status, rig.entry.error, rig.entry.attempts) == (429, "larger_than_limit", ())
    assert done.headers["x-should-retry"] == "false"
    assert "retry-after" not in done.headers
    assert "100 tokens a minute" in done.json()["error"]["message"]


def test_a_key_waits_for_its_own_limit_and_others_do_not() -> None:
    async def work() -> None:
        async with virtual_stack(door=OneKey(rpm=2), given=settings()) as stack:
            first = [await stack.post(CHAT, ask(GPT)) for _ in range(2)]
            late = await stack.post(CHAT, ask(GPT), {"x-pointsman-max-wait": "1"})
            assert [each.status for each in first] == [200, 200]
            assert (late.status, stack.ledger.entries[-1].error) == (429, "limit_reached")
            assert "The key k1 may have 2 requests" in late.json()["error"]["message"]
            waited = await stack.post(CHAT, ask(GPT), {"x-pointsman-max-wait": "60"})
            assert waited.status == 200
            assert int(waited.headers["x-pointsman-queued-ms"]) > 20_000

    run_virtual(work)


def test_retry_after_is_exact() -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=4), given=limited(HAIKU, rpm=4)) as stack:
            for _ in range(4):
                await stack.post(MESSAGES, ask(HAIKU))
            refused = await stack.post(MESSAGES, ask(HAIKU), {"x-pointsman-max-wait": "0"})
            after = int(refused.headers["retry-after-ms"]) / 1000
            await asyncio.sleep(after - 0.002)
            early = await stack.post(MESSAGES, ask(HAIKU), {"x-pointsman-max-wait": "0"})
            await asyncio.sleep(0.002)
            then = await stack.post(MESSAGES, ask(HAIKU), {"x-pointsman-max-wait": "0"})
            assert [refused.status, early.status, then.status] == [429, 429, 200]

    run_virtual(work)


def test_the_keys_own_setting_says_how_long_it_waits_unless_the_request_does() -> None:
    async def work() -> None:
        given = limited(HAIKU, rpm=2)
        async with virtual_stack(Config(rpm=2), given=given, door=OneKey(max_wait=0.0)) as stack:
            answers = [await stack.post(MESSAGES, ask(HAIKU)) for _ in range(2)]
            assert [each.status for each in answers] == [200, 429]
            patient = await stack.post(MESSAGES, ask(HAIKU), {"x-pointsman-max-wait": "120"})
            assert patient.status == 200

    run_virtual(work)


def test_among_the_requests_of_a_key_the_higher_priority_goes_first() -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=2), given=limited(HAIKU, rpm=2), door=OneKey()) as stack:
            for _ in range(2):
                await stack.post(MESSAGES, ask(HAIKU))
            order: list[str] = []

            async def one(name: str, priority: str) -> None:
                headers = {"x-pointsman-max-wait": "600", "x-pointsman-priority": priority}
                await stack.post(MESSAGES, ask(HAIKU), headers)
                order.append(name)

            tasks = []
            for name, priority in (("first", "0"), ("low", "-5"), ("high", "5")):
                tasks.append(asyncio.create_task(one(name, priority)))
                await asyncio.sleep(0.1)
            await asyncio.gather(*tasks)
            assert order.index("high") < order.index("low")

    run_virtual(work)


def test_what_a_provider_tells_holds_from_the_next_request_on() -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=3)) as stack:
            answers = [await stack.post(CHAT, ask(GPT), {"x-pointsman-max-wait": "0"}) for _ in range(6)]
            assert [each.status for each in answers] == [200, 200, 200, 429, 429, 429]
            assert stack.transport.sent == 3, "it was we who said no"
            view = await stack.gateway.overview.limits()
            learned = {row.id: (row.limit, row.source, row.learned_from) for row in view.limits}
            assert learned[f"deployment:openai/{GPT}/rpm"] == (3, "learned", "headers")

    run_virtual(work)


@pytest.mark.parametrize(("value", "seconds"), [(b"0", 0.0), (b"2.5", 2.5), (b" 7 ", 7.0)])
def test_seconds_to_wait(value: bytes, seconds: float) -> None:
    assert max_wait_of(value) == seconds


@pytest.mark.parametrize("value", [b"", b"-1", b"soon", b"inf", b"nan"])
def test_what_are_no_seconds(value: bytes) -> None:
    with pytest.raises(InvalidRequest, match="x-pointsman-max-wait"):
        max_wait_of(value)


@pytest.mark.parametrize(("value", "priority"), [(b"0", 0), (b"-5", -5), (b"1000", 1000)])
def test_a_priority(value: bytes, priority: int) -> None:
    assert priority_of(value) == priority


@pytest.mark.parametrize("value", [b"", b"high", b"1001", b"1.5"])
def test_what_is_no_priority(value: bytes) -> None:
    with pytest.raises(InvalidRequest, match="x-pointsman-priority"):
        priority_of(value)


@pytest.mark.parametrize("header", ["x-pointsman-max-wait", "x-pointsman-priority"])
async def test_a_wrong_header_is_told_in_the_callers_dialect(header: str) -> None:
    rig = Rig(given=limited(rpm=5))
    done = await rig.post(MESSAGES, ask(HAIKU), {header: "soon"})
    assert (done.status, done.json()["error"]["type"]) == (400, "invalid_request_error")
    assert header in done.json()["error"]["message"]


def test_a_provider_that_is_not_to_be_learned_from_is_sent_all() -> None:
    async def work() -> None:
        quiet = tuple(
            msgspec.structs.replace(each, learns_limits=False)
            for each in simulated_providers("http://simulator")
        )
        async with virtual_stack(Config(rpm=3), providers=quiet) as stack:
            for _ in range(6):
                await stack.post(CHAT, ask(GPT), {"x-pointsman-max-wait": "0"})
            assert stack.transport.sent > 6, "and it may say no itself, three times a request"
            assert (await stack.gateway.overview.limits()).limits == ()

    run_virtual(work)


@pytest.mark.parametrize(
    ("headers", "own", "seconds"),
    [
        ({}, None, 30.0),
        ({}, 2.0, 2.0),
        ({b"x-pointsman-max-wait": b"5"}, 2.0, 5.0),
        ({b"x-pointsman-priority": b"3"}, None, 30.0),
    ],
)
def test_how_long_a_request_may_wait(headers: dict[bytes, bytes], own: float | None, seconds: float) -> None:
    given = settings(queue={"max_wait": 30})
    key = KeyInfo(id="k1", name="team", tenant="t", limits=KeyLimits(max_wait=own))
    assert Rig(given=given).gateway.flow.patience(an_arrival(headers=headers, key=key)) == seconds


@pytest.mark.parametrize("header", [b"x-pointsman-max-wait", b"x-pointsman-priority"])
def test_what_is_wrong_with_its_headers_is_told_by_that_too(header: bytes) -> None:
    with pytest.raises(InvalidRequest):
        Rig().gateway.flow.patience(an_arrival(headers={header: b"soon"}))
