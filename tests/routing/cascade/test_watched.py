from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from pointsman.routing.cascade.offline import Played
from pointsman.routing.cascade.points import CASCADE, cascade_points
from pointsman.routing.cascade.watched import watched
from pointsman.routing.evidence import Certificate, DriftMonitor, certify

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verdict", "believed"),
    [
        ("accepted:agree", 1.0),
        ("escalated:differ", 0.0),
        ("escalated:unfinished", 0.0),
        ("escalated:failed", None),
        ("escalated:busy", None),
        ("escalated:nothing_to_check", None),
        ("", None),
    ],
)
def test_only_what_was_said_of_an_answer_counts(verdict: str, believed: float | None) -> None:
    seen = watched(verdict)
    assert (None if seen is None else seen.familiarity) == believed


def certified(believed: float) -> Certificate:
    played = [
        Played(f"p{number}", 1.0, 1.0, ("a",), number < believed * 1000, "agree") for number in range(1000)
    ]
    points = cascade_points(played, lambda each, calls: float("s" in calls), "s")
    made = certify(points, pool=(CASCADE, "s"), router="cascade_1", now=NOW)
    assert isinstance(made, Certificate)
    return made


def alarm_after(certificate: Certificate, believed: float, most: int) -> int | None:
    monitor, dice = DriftMonitor(certificate), random.Random(5)
    for number in range(most):
        seen = watched("accepted:agree" if dice.random() < believed else "escalated:differ")
        assert seen is not None
        if monitor.observe_traffic(seen) is not None:
            return number
    return None


@pytest.mark.parametrize("share", [0.95, 0.88, 0.5, 1.0])
def test_the_same_share_is_no_alarm(share: float) -> None:
    assert alarm_after(certified(share), share, 5_000) is None


@pytest.mark.parametrize(("share", "later"), [(0.95, 0.7), (0.88, 0.6), (0.5, 0.9), (1.0, 0.8)])
def test_another_share_is_one_within_some_hundreds(share: float, later: float) -> None:
    after = alarm_after(certified(share), later, 2_000)
    assert after is not None
