from __future__ import annotations

import pytest

from pointsman.promptcache.trust import Trust


def test_trust_is_lost_by_what_is_lost_and_comes_back_with_time() -> None:
    trust = Trust()
    assert trust.share(0.0) == 1.0
    for _ in range(6):
        trust.see(False, 0.0)
    assert trust.share(0.0) == 0.25
    assert trust.share(7200.0) == pytest.approx(2 / 3.5)
    for _ in range(100):
        trust.see(True, 7200.0)
    assert trust.share(7200.0) > 0.95
