"""Whoever sends as soon as our limits allow is never refused by a provider that sees it late, by a delay that
varies by no more than the slack; and without slack may be."""

from __future__ import annotations

from random import Random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits import NOTHING, Amounts, Reservation, Scope, make_limit
from pointsman.limits.local.memory import MemoryLimits
from pointsman.limits.values.limit import MINUTE_US
from pointsman.simulator.levels import Bucket, Level, Window

Kind = Literal["refill", "rolling"]
NOW = 1_000_000_000


def sent(kind: Kind, limit: int, slack_us: int, sizes: list[int], pauses: list[int]) -> list[tuple[int, int]]:
    """When and how much, as early as our limit lets it through. Not more at once than a bucket with slack
    holds: what is larger goes when it is full, on which slack has no influence."""
    store, now, log = MemoryLimits(), NOW, []
    ours = make_limit(Scope("deployment", "p/m"), "tpm", limit, window=kind, slack_us=slack_us)
    most = limit * (MINUTE_US - slack_us) // MINUTE_US if kind == "refill" else limit
    for number, wish in enumerate(sizes):
        now += pauses[number % len(pauses)]
        size = 1 + wish % most
        amounts: Amounts = (*NOTHING[:5], size, 1)
        answer = store.reserve((ours,), amounts, now)
        if not isinstance(answer, Reservation):
            assert answer.wait_us is not None
            now += answer.wait_us
            answer = store.reserve((ours,), amounts, now)
        assert isinstance(answer, Reservation)
        store.settle(answer, amounts, now)
        log.append((now, size))
    return log


def refusals(kind: Kind, limit: int, arrivals: list[tuple[int, int]]) -> int:
    """How many the provider would refuse, in the order in which they arrive."""
    theirs: Level = Bucket(limit, NOW) if kind == "refill" else Window(limit)
    count = 0
    for at, size in sorted(arrivals):
        if theirs.wait(size, at) == 0:
            theirs.take(size, at)
        else:
            count += 1
    return count


@pytest.mark.parametrize("kind", ["refill", "rolling"])
@given(
    limit=st.integers(2, 50) | st.integers(2, 10**6),
    slack_us=st.integers(0, 5_000_000),
    delay_us=st.integers(0, 10_000_000),
    sizes=st.lists(st.integers(0, 20) | st.integers(0, 10**6), min_size=1, max_size=40),
    pauses=st.lists(st.just(0) | st.integers(0, 20_000_000), min_size=1, max_size=5),
    seed=st.integers(0, 10**6),
)
def test_slack_covers_what_the_delay_varies_by(
    kind: Kind, limit: int, slack_us: int, delay_us: int, sizes: list[int], pauses: list[int], seed: int
) -> None:
    dice = Random(seed)
    log = sent(kind, limit, slack_us, sizes, pauses)
    late = [(at + delay_us + dice.choice([0, slack_us, dice.randint(0, slack_us)]), size) for at, size in log]
    assert refusals(kind, limit, late) == 0


@pytest.mark.parametrize("kind", ["refill", "rolling"])
def test_without_it_what_the_delay_varies_by_is_refused(kind: Kind) -> None:
    log = sent(kind, 60, 0, [0] * 600, [0])
    late = [(at + (1_000_000 if number < 60 else 0), size) for number, (at, size) in enumerate(log)]
    assert refusals(kind, 60, log) == 0
    assert refusals(kind, 60, late) > 0


@pytest.mark.parametrize(("kind", "share"), [("refill", 1.0), ("rolling", 60 / 60.5)])
def test_slack_costs_a_bucket_nothing_and_a_window_its_part(kind: Kind, share: float) -> None:
    log = sent(kind, 60, 500_000, [0] * 3_000, [0])
    minutes = (log[-1][0] - log[1_000][0]) / MINUTE_US
    assert 2_000 / minutes / 60 == pytest.approx(share, abs=0.02)
