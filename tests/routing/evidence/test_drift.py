from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec
import pytest

from pointsman.routing import Judgement
from pointsman.routing.evidence import DriftAlarm, DriftMonitor
from pointsman.routing.evidence.drift import DriftState
from tests.support.routing_certificates import certificate

MADE = certificate()


def judged(loss: float, familiarity: float = 0.5) -> Judgement:
    return Judgement((0.5, 0.9), (loss, 0.0), familiarity)


def label_alarm(seed: int, quality: float, count: int, before: int = 0) -> DriftAlarm | None:
    """The baseline is right in 9 of 10; what is chosen in a share of those."""
    monitor, rng = DriftMonitor(MADE), Random(seed)
    for number in range(count + before):
        strong = float(rng.random() < 0.9)
        kept = 0.98 if number < before else quality
        chosen = strong * (rng.random() < kept)
        alarm = monitor.observe_label(chosen, strong)
        if alarm is not None:
            return alarm
    return None


def traffic_alarm(seed: int, draw: Callable[[Random], Judgement], count: int) -> DriftAlarm | None:
    monitor, rng = DriftMonitor(MADE), Random(seed)
    for _ in range(count):
        alarm = monitor.observe_traffic(draw(rng))
        if alarm is not None:
            return alarm
    return None


def test_at_the_floor_itself_an_alarm_is_rare() -> None:
    """At most 1 in 200 ever, by the mathematics; 2 of 100 would be a chance of 1 in 11 at that."""
    assert sum(label_alarm(seed, 0.98, 1000) is not None for seed in range(100)) <= 2


def test_the_same_traffic_raises_no_alarm() -> None:
    found = [traffic_alarm(s, lambda rng: judged(rng.random(), rng.random()), 1000) for s in range(30)]
    assert found == [None] * 30


@pytest.mark.parametrize(("quality", "within"), [(0.5, 50), (0.8, 120), (0.9, 300)])
def test_lost_quality_is_seen(quality: float, within: int) -> None:
    delays = [label_alarm(seed, quality, 3000) for seed in range(20)]
    assert all(alarm is not None and alarm.kind == "quality" for alarm in delays)
    assert sorted(alarm.observations for alarm in delays if alarm is not None)[10] <= within


def test_it_is_seen_after_a_long_good_time_too() -> None:
    alarm = label_alarm(3, 0.7, 1000, before=5000)
    assert alarm is not None
    assert alarm.observations <= 5000 + 300
    assert "98.0%" in alarm.reason


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda rng: judged(0.5 + rng.random() / 2, rng.random()), "expected loss"),
        (lambda rng: judged(rng.random(), rng.random() / 3), "familiarity"),
        (lambda rng: judged(0.0, rng.random()), "below 0.1"),
        (lambda rng: judged(2.0, rng.random()), "0.9 or more"),
        (lambda rng: judged(0.45, rng.random()), "0."),
    ],
)
def test_other_traffic_is_seen(draw: Callable[[Random], Judgement], words: str) -> None:
    alarm = traffic_alarm(7, draw, 1000)
    assert alarm is not None
    assert (alarm.kind, words in alarm.reason) == ("traffic", True), alarm.reason
    assert alarm.observations <= 400


def test_a_small_change_is_tolerated() -> None:
    """Three points of all prompts moved."""

    def moved(rng: Random) -> Judgement:
        return judged(0.0 if rng.random() < 0.03 else rng.random(), rng.random())

    assert traffic_alarm(1, lambda rng: moved(rng), 2000) is None


def test_it_goes_on_after_a_restart() -> None:
    whole, half = DriftMonitor(MADE), DriftMonitor(MADE)
    for number in range(20):
        whole.observe_label(0.0, float(number % 2))
        whole.observe_traffic(judged(0.3))
    for number in range(10):
        half.observe_label(0.0, float(number % 2))
        half.observe_traffic(judged(0.3))
    kept = msgspec.json.decode(msgspec.json.encode(half.state()), type=DriftState)
    again = DriftMonitor(MADE, kept)
    for number in range(10):
        again.observe_label(0.0, float(number % 2))
        again.observe_traffic(judged(0.3))
    assert again.state() == whole.state()


def test_the_state_of_another_certificate_counts_for_nothing() -> None:
    monitor = DriftMonitor(MADE)
    monitor.observe_label(0.0, 1.0)
    fresh = DriftMonitor(certificate(threshold=0.2), monitor.state())
    other = monitor.state()
    other.quality.append(1.0)
    assert DriftMonitor(MADE, other).state() == DriftMonitor(MADE).state(), "of another version's bets"
    assert fresh.state().labelled == 0


def test_the_capital_of_a_long_quiet_life_stays_finite() -> None:
    monitor = DriftMonitor(MADE)
    for _ in range(20_000):
        assert monitor.observe_label(1.0, 1.0) is None
    assert all(0 <= capital < 1 for capital in monitor.state().quality)
