from __future__ import annotations

import msgspec

from pointsman.cli.route.training_summary import PairSummary, Summary


def test_what_is_not_known_is_null_for_machines_and_never_zero() -> None:
    few = PairSummary("weak", "strong", 3, None, None, None, None, None, None, None, "no verdict: 3 prompts")
    said = msgspec.json.decode(msgspec.json.encode(Summary(("weak", "strong"), 9, 12, 0.5, 100, "d", (few,))))
    assert (said["prompts"], said["labels"], said["pairs"][0]["prompts"]) == (9, 12, 3)
    unknown = ("gap", "gap_error", "apgr", "apgr_interval", "ece", "length", "group_prior")
    assert [said["pairs"][0][name] for name in unknown] == [None] * len(unknown)
