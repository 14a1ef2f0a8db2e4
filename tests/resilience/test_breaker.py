"""The breaker: its table, and the same steps on a slow oracle that keeps a list of every call."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.resilience import Breaker, BreakerPolicy
from pointsman.resilience.breaker import UNCOUNTED

POLICY = BreakerPolicy(
    threshold=0.5,
    volume=4.0,
    window=10.0,
    open_for=5.0,
    open_most=20.0,
    probes=2,
    successes=3,
    probe_patience=30.0,
)


def opened(now: float = 100.0, policy: BreakerPolicy = POLICY) -> Breaker:
    breaker = Breaker(policy, now)
    while breaker.state(now) == "closed":
        breaker.fail(breaker.begin(now), now, 0.0)
    return breaker


def close(breaker: Breaker, now: float) -> None:
    while breaker.state(now) != "closed":
        breaker.succeed(breaker.begin(now), now)


def test_it_needs_a_volume_and_a_rate() -> None:
    breaker = Breaker(POLICY, 100.0)
    assert breaker.rate is None
    for _ in range(3):
        breaker.fail(breaker.begin(100.0), 100.0, 0.0)
    assert breaker.state(100.0) == "closed"
    for _ in range(4):
        breaker.succeed(breaker.begin(100.0), 100.0)
    assert breaker.rate == pytest.approx(3 / 7)
    breaker.fail(breaker.begin(100.0), 100.0, 0.0)
    assert breaker.state(100.0) == "open"
    assert breaker.ready_in(100.0) == 5.0


def test_old_failures_are_forgotten() -> None:
    breaker = Breaker(POLICY, 100.0)
    for _ in range(3):
        breaker.fail(breaker.begin(100.0), 100.0, 0.0)
    for _ in range(9):
        breaker.succeed(breaker.begin(150.0), 150.0)
        breaker.fail(breaker.begin(150.0), 150.0, 0.0)
        breaker.succeed(breaker.begin(150.0), 150.0)
    assert breaker.state(150.0) == "closed"
    assert breaker.rate == pytest.approx(1 / 3, abs=0.01)


def test_half_open_lets_a_few_through_and_closes_after_enough_of_them() -> None:
    breaker = opened()
    assert breaker.begin(104.9) == UNCOUNTED
    assert breaker.state(105.0) == "half_open"
    first, second = breaker.begin(105.0), breaker.begin(105.0)
    assert first == second != UNCOUNTED
    assert breaker.ready_in(105.0) == 30.0
    assert breaker.begin(105.0) == UNCOUNTED
    breaker.succeed(first, 106.0)
    breaker.succeed(second, 106.0)
    assert breaker.state(106.0) == "half_open"
    breaker.succeed(breaker.begin(106.0), 107.0)
    assert breaker.state(107.0) == "closed"


def test_a_probe_that_fails_opens_it_for_twice_as_long_up_to_a_cap() -> None:
    breaker, now, lengths = opened(), 100.0, []
    for _ in range(4):
        now += breaker.ready_in(now)
        breaker.fail(breaker.begin(now), now, 0.0)
        lengths.append(breaker.ready_in(now))
    assert lengths == [10.0, 20.0, 20.0, 20.0]


def test_jitter_spreads_the_end_by_up_to_a_half() -> None:
    breaker = opened()
    breaker.fail(breaker.begin(105.0), 105.0, 0.5)
    assert breaker.ready_in(105.0) == pytest.approx(12.5)


@pytest.mark.parametrize(("quiet", "length"), [(19.0, 10.0), (20.0, 5.0)])
def test_after_a_quiet_time_it_begins_anew(quiet: float, length: float) -> None:
    breaker = opened()
    close(breaker, 105.0)
    now = 105.0 + quiet
    while breaker.state(now) == "closed":
        breaker.fail(breaker.begin(now), now, 0.0)
    assert breaker.ready_in(now) == length


def test_a_cancelled_probe_gives_its_place_back() -> None:
    breaker = opened()
    probes = [breaker.begin(105.0), breaker.begin(105.0)]
    breaker.cancel(probes[0])
    assert breaker.ready_in(105.0) == 0.0
    assert breaker.begin(105.0) != UNCOUNTED


def test_a_probe_that_never_ends_does_not_shut_it_for_good() -> None:
    breaker = opened()
    late = [breaker.begin(105.0), breaker.begin(105.0)]
    assert breaker.begin(134.9) == UNCOUNTED
    third = breaker.begin(135.0)
    assert third != UNCOUNTED
    for epoch in (*late, third):
        breaker.succeed(epoch, 136.0)
    assert breaker.state(136.0) == "closed"


def test_what_was_sent_in_an_earlier_epoch_changes_nothing() -> None:
    breaker = Breaker(POLICY, 100.0)
    slow = [breaker.begin(100.0) for _ in range(9)]
    while breaker.state(100.0) == "closed":
        breaker.fail(breaker.begin(100.0), 100.0, 0.0)
    probe = breaker.begin(105.0)
    for epoch in (*slow, UNCOUNTED):
        breaker.fail(epoch, 105.0, 0.0)
        breaker.succeed(epoch, 105.0)
        breaker.cancel(epoch)
    assert breaker.state(105.0) == "half_open"
    breaker.succeed(probe, 105.0)
    close(breaker, 105.0)
    assert breaker.rate is None


class Oracle:
    """The rules word by word: every call in a list, everything worked out anew when it is asked for."""

    def __init__(self, policy: BreakerPolicy, now: float) -> None:
        self.policy = policy
        self.mode = "closed"
        self.calls: list[tuple[float, bool]] = []
        self.until = 0.0
        self.lengths: list[float] = []
        self.closed_at = now
        self.life = 0
        self.probes: list[tuple[float, int]] = []
        self.good = 0

    def state(self, now: float) -> str:
        return "half_open" if self.mode == "open" and now >= self.until else self.mode

    def admits(self, now: float) -> bool:
        state = self.state(now)
        if state == "half_open" and self.mode == "half_open":
            full = len(self.probes) >= self.policy.probes
            return not full or now >= self.probes[-1][0] + self.policy.probe_patience
        return state != "open"

    def begin(self, now: float) -> int | None:
        if not self.admits(now):
            return None
        if self.mode == "open":
            self.turn("half_open")
        if self.mode == "half_open":
            if len(self.probes) >= self.policy.probes:
                self.probes.pop()
            self.probes.append((now, self.life))
        return self.life

    def turn(self, mode: str) -> None:
        self.mode, self.probes, self.good, self.calls = mode, [], 0, []
        self.life += 1

    def open(self, now: float, jitter: float) -> None:
        if self.mode == "closed" and now - self.closed_at >= self.policy.open_most:
            self.lengths = []
        self.lengths.append(min(self.policy.open_most, self.policy.open_for * 2 ** len(self.lengths)))
        self.until = now + self.lengths[-1] * (1 + jitter / 2)
        self.turn("open")

    def end(self, life: int | None, how: str, now: float, jitter: float) -> None:
        if life != self.life:
            return
        if self.mode == "half_open":
            if self.probes:
                self.probes.pop(0 if len(self.probes) == 1 else -2)  # the last one's time stays
            if how == "fail":
                self.open(now, jitter)
            elif how == "succeed":
                self.good += 1
                if self.good >= self.policy.successes:
                    self.turn("closed")
                    self.closed_at = now
            return
        if how == "cancel":
            return
        self.calls.append((now, how == "fail"))
        weights = [(exp((at - now) / self.policy.window), bad) for at, bad in self.calls]
        total, bad = sum(w for w, _ in weights), sum(w for w, bad in weights if bad)
        if how == "fail" and total >= self.policy.volume and bad >= self.policy.threshold * total:
            self.open(now, jitter)


steps = st.lists(
    st.tuples(
        st.sampled_from(["begin", "begin", "succeed", "fail", "fail", "cancel"]),
        st.sampled_from([0.0, 0.0, 0.013, 0.77, 3.1, 11.3, 31.7]),
        st.integers(0, 9),
        st.sampled_from([0.0, 0.31, 0.97]),
    ),
    max_size=120,
)


@given(steps=steps, volume=st.sampled_from([0.9, 2.7, 4.3]), threshold=st.sampled_from([0.23, 0.51, 0.97]))
def test_it_agrees_with_a_list_of_every_call(
    steps: list[tuple[str, float, int, float]], volume: float, threshold: float
) -> None:
    policy = BreakerPolicy(
        threshold=threshold, volume=volume, window=9.7, open_for=1.9, open_most=17.3, probes=2, successes=2
    )
    now = 100.0
    breaker, oracle = Breaker(policy, now), Oracle(policy, now)
    under_way: list[tuple[int, int | None]] = []
    for what, seconds, which, jitter in steps:
        now += seconds
        assert (breaker.ready_in(now) <= 0.0) is oracle.admits(now)
        if what == "begin" or not under_way:
            under_way.append((breaker.begin(now), oracle.begin(now)))
            assert (under_way[-1][0] == UNCOUNTED) is (under_way[-1][1] is None)
        else:
            epoch, life = under_way.pop(which % len(under_way))
            if what == "succeed":
                breaker.succeed(epoch, now)
            elif what == "fail":
                breaker.fail(epoch, now, jitter)
            else:
                breaker.cancel(epoch)
            oracle.end(life, what, now, jitter)
        assert breaker.state(now) == oracle.state(now)
