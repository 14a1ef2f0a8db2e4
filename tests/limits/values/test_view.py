from __future__ import annotations

import msgspec

from pointsman.limits.values.limit import Level, Scope, make_limit
from pointsman.limits.values.view import LaneRow, LimitsView, limit_row

TPM = make_limit(Scope("deployment", "openai/gpt-4o"), "tpm", 1000, window="rolling", source="learned")


def test_a_row_says_what_the_store_says() -> None:
    row = limit_row(Level(TPM, 1200, 300, 1_500_000), queued=2, learned_from="headers", learned_at_us=7)
    assert (row.id, row.kind, row.name) == (TPM.id, "deployment", "openai/gpt-4o")
    assert (row.limit, row.used, row.held, row.queued) == (1000, 1200, 300, 2)
    assert (row.free_in_seconds, row.source, row.learned_from) == (1.5, "learned", "headers")
    assert row.learned_at_us == 7


def test_a_key_goes_by_its_name() -> None:
    rpm = make_limit(Scope("key", "key_1"), "rpm", 5)
    row = limit_row(Level(rpm, 0, 0, 0), name="team-a")
    assert (row.id, row.name) == ("key:key_1/rpm", "team-a")


def test_a_view_comes_back_from_json() -> None:
    view = LimitsView(
        at_us=1,
        limits=(limit_row(Level(TPM, 1, 1, 1)),),
        lanes=(LaneRow("openai/gpt-4o", 3, 2.5, None, {"a": 2, "": 1}),),
    )
    assert msgspec.json.decode(msgspec.json.encode(view), type=LimitsView) == view
