"""Crowds at several gateways. A thousand and more: ``python -m bench.seeds --gateways``."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.meetings import play_meeting

SEEDS = 60


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_whatever_happens_everybody_is_told_and_every_call_is_paid_once(first: int) -> None:
    counted = Counter[str]()
    for seed in range(first, first + 20):
        counted += play_meeting(seed)
    assert {"miss ok", "coalesced ok", "coalesced cut", "part ok"} <= counted.keys()
