from __future__ import annotations

from pointsman.limits import Scope, make_limit
from pointsman.limits.turns.fair import ONE, PARTS, Fair, dominant_share, share

DEPLOYMENT = Scope("deployment", "acme/model")
RPM = make_limit(DEPLOYMENT, "rpm", 100)
TPM = make_limit(DEPLOYMENT, "tpm", 1_000)
SLOTS = make_limit(DEPLOYMENT, "concurrency", 10)
OWN = make_limit(Scope("key", "k"), "rpm", 1)
AMOUNTS = (1, 40, 10, 50, 40, 50, 1)


def test_a_key_that_was_idle_begins_where_the_others_are() -> None:
    fair = Fair()
    for _ in range(3):
        fair.charge("busy", fair.tag("busy"), 10)
    assert (fair.tag("busy"), fair.now, fair.tag("idle")) == (30, 20, 20)


def test_a_correction_moves_the_tag_of_a_key_that_is_known() -> None:
    fair = Fair()
    fair.charge("a", 0, 10)
    fair.correct("a", -4)
    fair.correct("b", 100)
    assert (fair.tag("a"), fair.tag("b")) == (6, 0)


def test_what_is_owed_is_paid_in_parts_and_nobody_moves_backwards() -> None:
    fair = Fair()
    assert fair.pay("a", 100) == 100
    fair.owe("a", 400)
    assert [fair.pay("a", 100) for _ in range(3)] == [150, 143, 138]
    for _ in range(100):
        fair.pay("a", 100)
    assert fair.debts["a"] < PARTS
    fair.owe("a", -10_000)
    assert fair.pay("a", 100) == 25


def test_the_share_is_that_of_the_limit_that_is_used_most() -> None:
    assert dominant_share((RPM, TPM), AMOUNTS, 1.0, 0) == ONE // 20
    assert dominant_share((RPM, TPM), AMOUNTS, 2.0, 0) == ONE // 40
    assert dominant_share((RPM,), AMOUNTS, 1.0, 0) == ONE // 100
    assert share(50, TPM, 1.0) == ONE // 20


def test_calls_at_once_count_for_as_long_as_they_last() -> None:
    assert dominant_share((SLOTS,), AMOUNTS, 1.0, 30_000_000) == ONE // 20
    assert dominant_share((SLOTS,), AMOUNTS, 1.0, 60_000_000) == ONE // 10


def test_the_limit_of_a_key_is_no_share_of_anything_and_no_share_is_nothing() -> None:
    assert dominant_share((OWN,), AMOUNTS, 1.0, 0) == 1
