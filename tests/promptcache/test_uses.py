from __future__ import annotations

import pytest

from pointsman.promptcache.memory import Memory
from pointsman.promptcache.odds import LATER, SOON, Odds, Tally
from pointsman.promptcache.stake import Stake
from pointsman.promptcache.uses import Counts, Use


@pytest.mark.parametrize(("gap", "soon", "late"), [(SOON, 1, 0), (SOON + 1, 0, 1), (LATER + 1, 0, 0)])
@pytest.mark.parametrize("swept", [False, True])
def test_counts_of_a_use_that_is_followed(gap: float, soon: int, late: int, swept: bool) -> None:
    memory, tally = Memory(1), Tally()
    use = Use(0.0, (tally,))
    memory.watch(use)
    if swept:
        memory.sweep(gap)
    use.follow(gap)
    use.follow(gap + 1)  # a branch: the same use is followed once
    memory.sweep(LATER + 2)
    assert (tally.soon_trials, tally.soon_hits) == (1, soon)
    assert (tally.late_trials, tally.late_hits) == (1 - soon, late)


def test_what_is_not_used_again_soon_is_counted_at_once() -> None:
    memory, tally = Memory(1), Tally()
    memory.watch(Use(0.0, (tally,)))
    memory.sweep(SOON)
    assert tally.soon_trials == 0
    memory.sweep(SOON + 1)
    assert (tally.soon_trials, tally.late_trials, tally.late_hits) == (1, 1, 0)


def test_the_stake_hears_of_what_was_written_once() -> None:
    """Written anew in place of what failed; followed, or given up and followed all the same."""
    for gap, worth in ((SOON, 40), (SOON + 1, 40), (LATER + 1, 0)):
        stake = Stake()
        use = Use(0.0, (Tally(),), stake)
        use.worth = 40
        use.pledge(25)
        use.pledge(10)
        assert not stake.admits(1)
        assert use.admits(10**9)
        use.follow(gap)
        use.follow(gap)
        use.pledge(99)  # too late
        assert stake.admits(10**9) is (worth > 0)
        stake.pledge(20)
        assert [stake.admits(more) for more in (1, 20, 21)] == [worth > 0, worth > 0, False]
    assert Use(0.0, ()).admits(10**9)


def test_kinds_learn_a_little_from_each_other_but_not_from_openings() -> None:
    counts = Counts()
    for kind in ("task", "loop"):
        for tally in counts.of("loop"):
            tally.not_soon()
        assert counts.odds("task", Odds(0.8, 0.8), 4.0, 4.0).soon < 0.8, kind
    for tally in counts.of("opening"):
        tally.soon()
    assert counts.all.soon_hits == 0
    assert counts.odds("shared", Odds(0.1, 0.1), 4.0, 4.0) == Odds(0.1, 0.1)
