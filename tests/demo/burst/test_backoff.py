from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.demo.burst.backoff import ATTEMPTS, MOST, pause, with_backoff


class Refused(Exception):
    pass


class Refusing:
    """Refuses so many times, then answers."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.calls = 0
        self.slept: list[float] = []

    async def call(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise Refused(str(self.calls))
        return "answer"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def run(self) -> str:
        return await with_backoff(self.call, failures=(Refused,), sleep=self.sleep, random=lambda: 1.0)


@pytest.mark.parametrize(
    ("refusals", "slept"), [(0, []), (1, [1.0]), (3, [1.0, 2.0, 4.0]), (5, [1.0, 2.0, 4.0, 8.0, 16.0])]
)
async def test_each_pause_is_up_to_twice_the_last(refusals: int, slept: list[float]) -> None:
    provider = Refusing(refusals)
    assert await provider.run() == "answer"
    assert provider.slept == slept


async def test_it_gives_up_with_the_last_failure() -> None:
    provider = Refusing(100)
    with pytest.raises(Refused, match=str(ATTEMPTS)):
        await provider.run()
    assert (provider.calls, len(provider.slept)) == (ATTEMPTS, ATTEMPTS - 1)


async def test_what_is_no_failure_of_the_call_is_not_repeated() -> None:
    calls = []

    async def broken() -> None:
        calls.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await with_backoff(broken, failures=(Refused,), sleep=Refusing(0).sleep, random=lambda: 0.5)
    assert len(calls) == 1


@given(st.integers(1, 40), st.floats(0, 1))
def test_a_pause_lies_between_one_second_and_its_bound(attempt: int, random: float) -> None:
    assert 1.0 <= pause(attempt, random) <= min(MOST, max(1.0, 2.0 ** (attempt - 1)))
