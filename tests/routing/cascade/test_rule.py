from __future__ import annotations

from pointsman.routing.cascade.rule import unusable
from tests.support.cascade import said


def test_what_is_missing_or_cut_cannot_be_used() -> None:
    missing, cut, none = unusable((said("a"), None)), unusable((said("a", ended=False),)), unusable(())
    assert missing is not None and missing.because == "failed"
    assert cut is not None and cut.because == "unfinished"
    assert none is not None and none.because == "failed"
    assert unusable((said("a"), said("b"))) is None
