"""The whole journey in small worlds drawn from seeds; ``python -m bench.seeds`` runs as many as one likes,
with ``--crowds`` of those in which many ask the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.support.crowd_verdict import judge_crowd
from tests.support.crowds import draw_crowd
from tests.support.simulation import simulate
from tests.support.worlds import draw

SEEDS = 160
PARTS = 4
KINDS = ("exact", "above", "blind", "free", "whole", "broken", "left", "killed", "refused 429", "refused 503")
CROWDS = 32
SHARED = ("whole", "broken", "left", "refused 429", "entry coalesced", "entry miss")
SHOW = """
from tests.support.simulation import simulate
from tests.support.worlds import draw
print(simulate(draw(4)).trace)
"""


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_nothing_is_lost_kept_or_said_twice(part: int) -> None:
    counted = sum((simulate(draw(seed)).counted for seed in range(part, SEEDS, PARTS)), start=Counter[str]())
    assert all(counted[kind] for kind in KINDS), f"something never happens in these worlds: {counted}"


def test_whoever_asks_the_same_at_the_same_time_gets_one_answer_paid_once() -> None:
    counted = sum((simulate(draw_crowd(seed), judge_crowd).counted for seed in range(CROWDS)), Counter[str]())
    assert all(counted[kind] for kind in SHARED), f"something never happens in these worlds: {counted}"


def test_a_seed_can_be_played_again() -> None:
    traces = []
    for hashed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hashed}
        ran = subprocess.run(
            [sys.executable, "-c", SHOW], capture_output=True, text=True, env=environment, check=True
        )
        traces.append(ran.stdout)
    assert traces[0] == traces[1] != "()\n"
