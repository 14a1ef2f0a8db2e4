"""``call_with_retry``: what is sent again, when, and what its caller gets in the end. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import aiohttp
import anthropic
import openai
import pytest
import requests

from pointsman.errors import InvalidRequest, UpstreamRateLimited, UpstreamUnavailable
from pointsman.resilience import BudgetPolicy, RetryBudget, RetryPolicy
from pointsman.resilience.calling import Retry, call_with_retry, call_with_retry_sync
from tests.support.clock import FakeClock
from tests.support.simulated import (
    ANTHROPIC_PATH,
    KEY,
    OPENAI_PATH,
    VERSION,
    anthropic_body,
    openai_body,
    simulated,
)
from tests.support.virtual_time import run_virtual

POLICY = RetryPolicy(attempts=4, base_delay=1.0, max_delay=8.0, max_retry_after=30.0)
BUSY, WRONG = UpstreamUnavailable("busy"), InvalidRequest("wrong")


class Answer:
    """As httpx and requests return it, whatever its status."""

    def __init__(self, status: int, **headers: str) -> None:
        self.status_code = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.closed = False

    def raise_for_status(self) -> None:
        raise AssertionError("nobody asked")

    def close(self) -> None:
        self.closed = True


class Rig:
    """A function that gives one result after the other, and a clock that its sleeps move."""

    def __init__(self, *results: object, takes: float = 0.0) -> None:
        self.results = list(results)
        self.takes = takes
        self.calls: list[tuple[tuple[object, ...], dict[str, object]]] = []
        self.waits: list[float] = []
        self.clock = FakeClock()
        self.told: list[Retry] = []

    def function(self, *args: object, **kwargs: object) -> object:
        self.calls.append((args, kwargs))
        self.clock.advance(self.takes)
        result = self.results.pop(0)
        if isinstance(result, BaseException):
            raise result
        return result

    async def coroutine(self, *args: object, **kwargs: object) -> object:
        return self.function(*args, **kwargs)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds)

    async def wait_async(self, seconds: float) -> None:
        self.wait(seconds)

    def run(self, kind: str, *args: object, **kwargs: Any) -> object:
        given: dict[str, Any] = {
            "policy": POLICY,
            "on_retry": self.told.append,
            "clock": self.clock,
            "random": lambda: 0.5,
            **kwargs,
        }
        if kind == "sync":
            return call_with_retry_sync(self.function, *args, sleep=self.wait, **given)
        return asyncio.run(call_with_retry(self.coroutine, *args, sleep=self.wait_async, **given))


both = pytest.mark.parametrize("kind", ["async", "sync"])


@both
def test_what_succeeds_at_once_is_called_once(kind: str) -> None:
    rig = Rig("answer")
    assert rig.run(kind, 1, "two", three=3) == "answer"
    assert (rig.calls, rig.waits, rig.told) == ([((1, "two"), {"three": 3})], [], [])


@both
def test_it_waits_longer_each_time_and_tells(kind: str) -> None:
    rig = Rig(BUSY, ConnectionResetError(), TimeoutError(), "answer")
    assert rig.run(kind) == "answer"
    assert rig.waits == [0.5, 1.0, 2.0]
    assert [(retry.number, retry.wait) for retry in rig.told] == [(1, 0.5), (2, 1.0), (3, 2.0)]
    assert rig.told[0].cause is BUSY


@both
def test_it_waits_as_long_as_it_is_told_to(kind: str) -> None:
    rig = Rig(UpstreamRateLimited("", retry_after=7.0), Answer(429, retry_after_ms="250"), "answer")
    assert rig.run(kind) == "answer"
    assert rig.waits == [7.5, 0.75]


@both
def test_in_the_end_the_last_error_itself_is_raised_with_a_note(kind: str) -> None:
    last = UpstreamUnavailable("still busy")
    rig = Rig(BUSY, BUSY, BUSY, last)
    with pytest.raises(UpstreamUnavailable) as raised:
        rig.run(kind)
    assert raised.value is last
    assert last.__notes__ == [
        "call_with_retry: 4 attempts in 3.50 s, after waits of 0.50, 1.00, 2.00 s; "
        "not repeated: no attempts are left."
    ]


@both
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (partial(InvalidRequest, "wrong"), "the same call would fail again"),
        (partial(KeyError, "choices"), "the same call would fail again"),
        (
            partial(UpstreamRateLimited, "", retry_after=31.0),
            "it was told to wait for longer than max_retry_after",
        ),
    ],
)
def test_what_cannot_succeed_is_not_repeated(kind: str, make: Callable[[], Exception], reason: str) -> None:
    error = make()
    rig = Rig(error)
    with pytest.raises(type(error)):
        rig.run(kind)
    assert error.__notes__ == [f"call_with_retry: 1 attempt in 0.00 s; not repeated: {reason}."]
    assert rig.waits == []


@both
@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_what_ends_the_program_passes_through(kind: str, error: BaseException) -> None:
    rig = Rig(error)
    with pytest.raises(type(error)):
        rig.run(kind)
    assert not hasattr(error, "__notes__")


@both
def test_an_answer_that_tells_of_a_failure_is_closed_and_asked_for_again(kind: str) -> None:
    first, last = Answer(503), Answer(200)
    rig = Rig(first, last)
    assert rig.run(kind) is last
    assert first.closed and not last.closed


@both
@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_an_answer_that_is_not_asked_for_again_is_returned_as_it_is(kind: str, status: int) -> None:
    answers = [Answer(status) for _ in range(4)]
    rig = Rig(*answers)
    last = rig.run(kind)
    assert last is answers[len(rig.calls) - 1]
    assert len(rig.calls) == (4 if status == 429 else 1)
    assert not answers[len(rig.calls) - 1].closed


@both
def test_no_wait_ends_after_the_deadline(kind: str) -> None:
    rig = Rig(BUSY, BUSY, UpstreamUnavailable("third"))
    with pytest.raises(UpstreamUnavailable, match="third") as raised:
        rig.run(kind, deadline=3.5)
    assert rig.waits == [0.5, 1.0]
    assert "the next one would not begin before the deadline" in raised.value.__notes__[0]


@both
def test_many_calls_share_a_budget(kind: str) -> None:
    budget = RetryBudget(BudgetPolicy(share=0.1, reserve=0.0))
    made = 0
    for _ in range(200):
        rig = Rig(*[UpstreamUnavailable("") for _ in range(4)])
        with pytest.raises(UpstreamUnavailable):
            rig.run(kind, budget=budget)
        made += len(rig.calls)
    assert 218 <= made <= 220


def test_the_deadline_ends_an_attempt_that_hangs() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()

        async def hang() -> None:
            await asyncio.Event().wait()

        class LoopClock(FakeClock):
            def monotonic(self) -> float:
                return loop.time()

        with pytest.raises(TimeoutError) as raised:
            await call_with_retry(hang, deadline=12.0, policy=POLICY, clock=LoopClock())
        assert "1 attempt in 12.00 s" in raised.value.__notes__[0]
        return loop.time() - began

    assert run_virtual(work) == pytest.approx(12.0)


def test_what_the_deadline_ended_is_not_begun_again_by_a_clock_that_lags() -> None:
    async def work() -> int:
        calls = 0

        async def hang() -> None:
            nonlocal calls
            calls += 1
            await asyncio.Event().wait()

        with pytest.raises(TimeoutError):
            await call_with_retry(hang, deadline=12.0, policy=POLICY, clock=FakeClock())
        return calls

    assert run_virtual(work) == 1


def test_cancelling_it_cancels_the_wait() -> None:
    async def work() -> int:
        calls = 0

        async def fail() -> None:
            nonlocal calls
            calls += 1
            raise ConnectionResetError

        task = asyncio.create_task(
            call_with_retry(fail, policy=RetryPolicy(base_delay=60.0), random=lambda: 0.9)
        )
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return calls

    assert run_virtual(work) == 1


def test_names_of_its_own_are_bound_beforehand() -> None:
    rig = Rig("answer")
    bound = partial(rig.function, policy="mine")
    assert call_with_retry_sync(bound) == "answer"
    assert rig.calls == [((), {"policy": "mine"})]


def test_the_wrong_one_of_the_two_says_so() -> None:
    rig = Rig("answer", "answer")
    with pytest.raises(TypeError, match="await call_with_retry"):
        _ = call_with_retry_sync(rig.coroutine)
    wrong: Callable[..., Any] = rig.function
    with pytest.raises(TypeError, match="call_with_retry_sync"):
        asyncio.run(call_with_retry(wrong))


QUESTION = [{"role": "user", "content": "Why do trains run late?"}]
TWICE = "429:at=1:retry_after=2,529:at=2"


async def by_aiohttp(base: str, retry: Any) -> Any:
    async with aiohttp.ClientSession() as session:
        answer = await retry(
            session.post, base + ANTHROPIC_PATH, json=anthropic_body(), headers=KEY | VERSION
        )
        return await answer.json()


async def by_aiohttp_raising(base: str, retry: Any) -> Any:
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        answer = await retry(session.post, base + OPENAI_PATH, json=openai_body(), headers=KEY)
        return await answer.json()


async def by_openai(base: str, retry: Any) -> Any:
    async with openai.AsyncOpenAI(base_url=f"{base}/openai/v1", api_key="any", max_retries=0) as client:
        return await retry(client.chat.completions.create, model="gpt-4o", messages=QUESTION)


async def by_anthropic(base: str, retry: Any) -> Any:
    async with anthropic.AsyncAnthropic(base_url=f"{base}/anthropic", api_key="any", max_retries=0) as client:
        return await retry(client.messages.create, model="claude-haiku-4-5", max_tokens=99, messages=QUESTION)


async def by_requests(base: str, retry: Any) -> Any:
    def post() -> requests.Response:
        return requests.post(base + OPENAI_PATH, json=openai_body(), headers=KEY, timeout=10)

    answer = await retry(asyncio.to_thread, post)
    return answer.json()


@pytest.mark.parametrize("ask", [by_aiohttp, by_aiohttp_raising, by_openai, by_anthropic, by_requests])
async def test_with_real_libraries_and_simulated_providers(
    ask: Callable[[str, Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    retry = partial(call_with_retry, policy=POLICY, sleep=wait, random=lambda: 0.5)
    async with simulated(TWICE) as (_, base):
        assert await ask(base, retry)
    assert waits == [2.5, 1.0]


async def test_what_a_real_sdk_raises_in_the_end_is_its_own_error() -> None:
    async with simulated("429:1:retry_after=60") as (_, base):
        client = openai.AsyncOpenAI(base_url=f"{base}/openai/v1", api_key="any", max_retries=0)
        async with client:
            with pytest.raises(openai.RateLimitError) as raised:
                await call_with_retry(client.chat.completions.create, model="gpt-4o", messages=QUESTION)
    assert "longer than max_retry_after" in raised.value.__notes__[0]
