from __future__ import annotations

import pytest

from pointsman.caching.shared.flights import SharedFailure, SharedFlights, failure_of
from pointsman.errors import ContextWindowExceeded, PointsmanError, RateLimited, UpstreamRejected
from tests.support.shared_flights import MemoryFlights, Sky
from tests.support.shared_flights_contract import SharedFlightsContract


class TestInMemory(SharedFlightsContract):
    async def open(self, count: int) -> list[SharedFlights]:
        sky = Sky()
        return [MemoryFlights(sky) for _ in range(count)]


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("Wait.", retry_after=2.5),
        ContextWindowExceeded("Too long.", param="messages"),
        UpstreamRejected("No.", status=403, code="no", kind="permission"),
    ],
)
def test_an_error_is_the_same_elsewhere(error: PointsmanError) -> None:
    told = SharedFailure(failure_of(error))
    for name in ("message", "status", "code", "kind", "retryable", "retry_after", "param"):
        assert getattr(told, name) == getattr(error, name)
    assert failure_of(told) == failure_of(error)
