from __future__ import annotations

import asyncio

import pytest

from pointsman import LimitedCall, RateLimiter
from pointsman.errors import ConfigurationError, RateLimited
from pointsman.limits.values.limit import Dimension
from pointsman.limits.values.ticket import Place
from tests.support.virtual_time import run_virtual


def limiter(**settings: int | bool | None) -> RateLimiter:
    loop = asyncio.get_running_loop()
    return RateLimiter(**settings, monotonic=loop.time)  # type: ignore[arg-type]  # a table's settings


async def starts(made: RateLimiter, count: int, tokens: int = 0, model: str = "opus-4") -> list[float]:
    """Seconds at which so many calls, asked for at once, may begin."""
    loop = asyncio.get_running_loop()
    began, seen = loop.time(), list[float]()

    async def one() -> None:
        assert await made.acquire(model, tokens) is True
        seen.append(round(loop.time() - began, 3))

    await asyncio.gather(*(one() for _ in range(count)))
    return seen


@pytest.mark.parametrize(
    ("settings", "tokens", "expected"),
    [
        ({"requests_per_minute": 5}, 0, [0, 0, 0, 0, 0, 12, 24, 36]),
        ({"rpm": 5, "rolling": True}, 0, [0, 0, 0, 0, 0, 60, 60, 60]),
        ({"tokens_per_minute": 1_000}, 900, [0, 48, 102, 156]),
        ({"requests_per_minute": 60, "tokens_per_minute": 1_000}, 500, [0, 0, 30, 60]),
        ({"input_tpm": 1_000}, 500, [0, 0, 30, 60]),
        ({"rpm": 5, "concurrency": 1}, 0, [0, 0, 0, 0, 0, 12]),
    ],
)
def test_calls_begin_exactly_when_they_may(
    settings: dict[str, int | bool], tokens: int, expected: list[float]
) -> None:
    async def work() -> list[float]:
        return await starts(limiter(**settings), len(expected), tokens)

    assert run_virtual(work) == expected


def test_it_is_exact_at_a_thousand_a_minute() -> None:
    async def work() -> list[float]:
        return await starts(limiter(rpm=1_000, rolling=True), 2_500)

    seen = run_virtual(work)
    assert [seen.count(0), seen.count(60), seen.count(120)] == [1_000, 1_000, 500]


def test_all_names_of_a_model_are_one_model_and_others_have_limits_of_their_own() -> None:
    async def work() -> None:
        made, loop = limiter(rpm=1), asyncio.get_running_loop()
        began = loop.time()
        for model in ("opus-4", "sonnet-4", "a-model-of-mine"):
            await made.acquire(model, 10)
        assert loop.time() == began
        await made.acquire("claude-opus-4-20250514", 10)
        assert loop.time() - began == pytest.approx(60)

    run_virtual(work)


def test_a_model_can_have_other_limits() -> None:
    async def work() -> None:
        opus: dict[Dimension, int] = {"rpm": 1}
        made = RateLimiter(rpm=60, models={"opus-4": opus}, monotonic=asyncio.get_running_loop().time)
        assert await starts(made, 2) == [0, 60]
        assert await starts(made, 60, model="sonnet-4") == [0] * 60

    run_virtual(work)


def test_real_usage_takes_the_place_of_the_estimate() -> None:
    async def work() -> None:
        made, loop = limiter(tpm=1_000), asyncio.get_running_loop()
        async with made.limit("opus-4", input=500, output=500) as call:
            assert isinstance(call, LimitedCall)
            call.used(input=100, output=50)
        async with made.limit("opus-4", input=850) as second:
            assert second.waited == 0
        began = loop.time()
        async with made.limit("opus-4", input=60) as third:
            assert third.waited == pytest.approx(3.6, abs=0.001)
        assert loop.time() - began == pytest.approx(3.6, abs=0.001)

    run_virtual(work)


def test_so_many_at_once_and_no_more_also_when_calls_fail() -> None:
    async def work() -> None:
        made, under_way, most = limiter(concurrency=3), 0, 0

        async def one(number: int) -> None:
            nonlocal under_way, most
            with pytest.raises(LookupError):
                async with made.limit("opus-4"):
                    under_way += 1
                    most = max(most, under_way)
                    await asyncio.sleep(1)
                    under_way -= 1
                    raise LookupError(number)

        await asyncio.gather(*(one(number) for number in range(10)))
        assert (most, under_way, made.waiting) == (3, 0, 0)

    run_virtual(work)


def test_it_says_at_once_when_it_cannot_be_in_time() -> None:
    async def work() -> None:
        made, places = limiter(rpm=1), list[Place]()
        await made.acquire("opus-4")
        with pytest.raises(RateLimited) as refused:
            async with made.limit("opus-4", max_wait=30):
                raise AssertionError("not in time")
        assert refused.value.retry_after == pytest.approx(30, abs=0.001)
        with pytest.raises(RateLimited):
            await made.acquire("opus-4", max_wait=0)
        async with made.limit("opus-4", max_wait=60, on_place=places.append) as call:
            assert call.waited == pytest.approx(60)
        assert (places[0].position, places[0].starts_in) == (1, 60.0)

    run_virtual(work)


def test_one_key_does_not_hold_up_another() -> None:
    async def work() -> None:
        made, order = limiter(rpm=1), list[str]()

        async def one(key: str) -> None:
            async with made.limit("opus-4", key=key):
                order.append(key)

        await asyncio.gather(*(one(key) for key in "aaaaaabb"))
        assert "".join(order) == "aababaaa"

    run_virtual(work)


def test_it_is_made_without_a_loop_and_serves_one_after_the_other() -> None:
    made = RateLimiter(rpm=2)
    for _ in range(2):
        assert asyncio.run(made.acquire("opus-4", 100)) is True
    with pytest.raises(RateLimited):
        asyncio.run(made.acquire("opus-4", 100, max_wait=0.01))


def test_a_turn_is_for_one_block() -> None:
    async def work() -> None:
        turn = limiter(rpm=5).limit("opus-4")
        async with turn as call:
            assert call.waited == 0
        with pytest.raises(RuntimeError, match="one block"):
            async with turn:
                raise AssertionError("entered twice")

    run_virtual(work)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "needs a limit"),
        ({"rpm": 0}, "rpm must be at least 1, not 0"),
        ({"rpm": 5, "requests_per_minute": 5}, "the same limit"),
        ({"tpm": 5, "tokens_per_minute": 5}, "the same limit"),
        ({"models": {"m": {"rps": 5}}}, "rps is no limit"),
        ({"models": {"m": {"rpm": -1}}}, "at least 1"),
    ],
)
def test_wrong_limits_are_named(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        RateLimiter(**settings)  # type: ignore[arg-type]  # a table's settings
