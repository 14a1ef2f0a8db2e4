"""A provider that answers 30 % with 529, resets 5 % and stalls 5 %, with a healthy second one."""

from __future__ import annotations

import pytest

from tests.support.flood import seeds
from tests.support.outage import Outage, run_outage


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize("rate", [30, 120])
@pytest.mark.parametrize("streams", [False, True])
def test_hardly_anybody_notices_and_nothing_is_billed_twice(streams: bool, rate: float, seed: int) -> None:
    toll = run_outage(Outage(rate, streams=streams, minutes=10 if rate < 100 else 5), seed)
    assert toll.success >= 0.999, toll
    assert toll.calls <= 1.3 * toll.requests, toll


def test_without_continuation_only_streams_that_break_in_their_midst_are_lost() -> None:
    toll = run_outage(Outage(30, streams=True, continues=False), 1)
    assert 0.95 < toll.success < 1
    assert toll.calls <= 1.3 * toll.requests, toll
