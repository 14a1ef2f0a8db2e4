from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from bench.sharing.crowd import Crowd, Record, error_in
from bench.sharing.fleet import Fleet
from bench.sharing.plan import MODEL, make_limits
from bench.sharing.watch import Watch

LIMITS = make_limits(rpm=120, window="refill", scarce="requests")


class SomeFleet:
    """A provider that has counted so much, and no replicas to look at."""

    def __init__(self, *totals: tuple[int, int, int]) -> None:
        self._totals = list(totals)

    def alive(self) -> list[int]:
        return []

    def referee(self, model: str = MODEL) -> Any:
        requests, tokens, refused = self._totals.pop(0)
        levels = {"requests": requests, "tokens": tokens}
        return {
            "limits": {name: {"total": total, "peak": 7, "limit": 120} for name, total in levels.items()},
            "rejected_429": {"requests": refused},
        }


class SomeCrowd:
    def __init__(self, *records: Record) -> None:
        self.records = list(records)
        self.under_way: dict[asyncio.Task[None], tuple[int, float]] = {}


def record(status: int, waited: float, error: str = "", replica: int = 0) -> Record:
    return Record(replica, "one", 1e12 - waited, 1e12, 1e12, status, error, False)


async def test_a_phase_is_what_the_provider_counted_and_callers_saw_in_it() -> None:
    crowd = SomeCrowd(
        record(200, 2.0, replica=1),
        record(429, 0.1, "limit_reached: later"),
        record(200, 9.0, "limit_reached: it was told its place before"),
        record(503, 5.0, "limits_away: Redis"),
        record(0, 1.0, "UpstreamUnreachable: closed"),
        Record(0, "one", 0.0, 0.1, 0.2, 500, "before the phase", False),
    )
    fleet = SomeFleet((10, 500, 0), (40, 900, 2))
    watch = Watch(cast(Fleet, fleet), cast(Crowd, crowd), LIMITS, lambda _: None)
    phase = await watch.phase("one", 0.0)
    assert (phase.requests, phase.tokens, phase.refused) == (30, 400, 2)
    assert phase.utilisation == pytest.approx(30 / (120 * phase.seconds / 60))
    assert phase.peaks == {"requests": "7/120", "tokens": "7/120"}
    assert (phase.answered, phase.by_replica, phase.refused_late) == (1, {"1": 1}, 1)
    assert phase.statuses == {"200": 2, "429": 1, "503": 1, "broken off": 1}
    assert phase.errors == {"limits_away: Redis": 1, "UpstreamUnreachable: closed": 1}
    assert phase.slowest == pytest.approx(9.0, rel=0.01)
    assert watch.phases == [phase]


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (b'{"choices": []}', 200, ""),
        (b'data: {"choices": []}\n\ndata: [DONE]\n\n', 200, ""),
        (b'{"error": {"message": "no", "code": "limit_reached"}}', 429, "limit_reached: no"),
        (
            b': queued\n\ndata: {"error": {"message": "no", "code": "limits_away"}}\n\n',
            200,
            "limits_away: no",
        ),
        (b"Bad gateway", 502, "Bad gateway"),
    ],
)
def test_what_an_answer_says_is_wrong(answer: bytes, status: int, error: str) -> None:
    assert error_in(answer, status) == error
