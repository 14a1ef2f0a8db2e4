import statistics

import pytest

from pointsman.catalog import load_catalog
from pointsman.simulator.dice import Dice
from pointsman.simulator.pace import TIERS, Timing, timing


def _timings(model: str) -> list[Timing]:
    dices = [Dice(0, b"%d" % number) for number in range(400)]
    return [timing(model, dice, paced=True, speed=1.0, slowness=None) for dice in dices]


@pytest.mark.parametrize(
    ("model", "ttft", "rate"),
    [
        ("claude-haiku-4-5", 0.18, 150),
        ("claude-sonnet-4-5", 0.5, 80),
        ("claude-opus-4-5", 1.0, 45),
        ("gpt-4o-mini", 0.25, 160),
        ("gpt-4o", 0.45, 90),
    ],
)
def test_medians(model: str, ttft: float, rate: float) -> None:
    timings = _timings(model)
    assert statistics.median(t.ttft for t in timings) == pytest.approx(ttft, rel=0.1)
    assert statistics.median(1 / t.per_token for t in timings) == pytest.approx(rate, rel=0.05)


def test_every_model_has_a_tier() -> None:
    assert TIERS[-1].marks == ("",)
    for model in load_catalog().all():
        assert timing(model.id, Dice(0, b""), paced=True, speed=1.0, slowness=None).ttft > 0


def test_without_pace_nothing_waits_but_what_is_slow() -> None:
    dice = Dice(0, b"")
    assert timing("gpt-4o", dice, paced=False, speed=1.0, slowness=None) == Timing()
    plain = timing("gpt-4o", dice, paced=True, speed=1.0, slowness=None)
    slow = timing("gpt-4o", dice, paced=False, speed=1.0, slowness=10.0)
    fast = timing("gpt-4o", dice, paced=True, speed=20.0, slowness=None)
    assert slow.ttft == pytest.approx(10 * plain.ttft)
    assert fast.per_token == pytest.approx(plain.per_token / 20)


def test_due_and_generated_agree() -> None:
    pace = Timing(ttft=0.5, per_token=0.25)
    assert [pace.due(n) for n in (0, 1, 2, 5)] == [0.5, 0.5, 0.75, 1.5]
    assert [pace.generated(t, 4) for t in (0.0, 0.49, 0.5, 0.75, 1.0, 9.0)] == [0, 0, 1, 2, 3, 4]
    assert Timing().generated(0.0, 4) == 4
