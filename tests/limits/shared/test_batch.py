"""What is said to the store, and what its answers mean."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.limits import Level, Limit, Scope, Shortage, make_limit
from pointsman.limits.shared.batch import Answer, Page, decode, level, shortage
from pointsman.limits.values.limit import MINUTE_US

KEY = Scope("key", "k")
REFILL = make_limit(KEY, "tpm", 60)
SLACK = make_limit(KEY, "output_tpm", 60, slack_us=1_000_000)
ROLLING = make_limit(KEY, "input_tpm", 60, window="rolling")
SLOTS = make_limit(KEY, "concurrency", 2)


def test_all_keys_of_a_batch_are_in_one_slot_of_a_cluster() -> None:
    page = Page("points", "r1")
    assert [page.place(limit) for limit in (REFILL, ROLLING, REFILL, SLOTS)] == [1, 2, 1, 3]
    assert page.keys == [
        "{points}:store",
        "{points}:replicas",
        "{points}:answer:r1",
        "{points}:refill:key:k/tpm",
        "{points}:rolling:key:k/input_tpm",
        "{points}:rolling:key:k/input_tpm:at",
        "{points}:rolling:key:k/input_tpm:amounts",
        "{points}:slots:key:k/concurrency",
    ]


def test_one_limit_with_two_amounts_is_one_bucket() -> None:
    page = Page("points", "r1")
    larger = msgspec.structs.replace(REFILL, amount=70)
    assert [page.place(REFILL), page.place(larger)] == [1, 2]
    assert [(place.key, place.amount) for place in page.limits] == [(4, 60), (4, 70)]


@pytest.mark.parametrize(
    ("limits", "lacks", "expected"),
    [
        ((REFILL,), [[60, 0]], Shortage(REFILL, 10_000_000)),
        ((REFILL,), [[51, 0]], Shortage(REFILL, 1_000_000)),
        ((REFILL,), [[50, 1]], Shortage(REFILL, 1)),
        ((REFILL, SLACK), [[60, 0], [60, 0]], Shortage(SLACK, 11_000_000)),
        ((SLACK,), [[0, 30]], Shortage(SLACK, 1)),
        ((REFILL, ROLLING), [[60, 0], 12_000_000], Shortage(ROLLING, 12_000_000)),
        ((REFILL, ROLLING), [-1, 1], Shortage(ROLLING, 1)),
        ((ROLLING, SLOTS), [MINUTE_US, -2], Shortage(SLOTS, None)),
    ],
)
def test_the_longest_wait_is_told(
    limits: tuple[Limit, ...], lacks: list[int | list[int]], expected: Shortage
) -> None:
    amount = 60 if lacks == [[0, 30]] else 10
    assert shortage(limits, (1, amount, amount, amount, 1, 1, 1), lacks) == expected


def test_more_than_a_limit_never_fits() -> None:
    answer = shortage((SLOTS, REFILL), (1, 1, 1, 61, 1, 1, 1), [-2, [0, 0]])
    assert answer == Shortage(REFILL, None, never=True)


@pytest.mark.parametrize(
    ("limit", "found", "expected"),
    [
        (REFILL, [9, 30_000_000, 10], Level(REFILL, 10, 10, 9_500_000)),
        (REFILL, [9, 0, 10], Level(REFILL, 9, 9, 9_000_000)),
        (ROLLING, [7, 5, 3], Level(ROLLING, 7, 3, 5)),
        (SLOTS, [0, 0, 2], Level(SLOTS, 2, 2, 0)),
    ],
)
def test_levels(limit: Limit, found: list[int], expected: Level) -> None:
    assert level(limit, found) == expected


def test_an_answer_that_is_known_no_more() -> None:
    assert decode(b"") is None
    told = Answer("life", 1, 2, 3, False, [True])
    assert decode(msgspec.msgpack.encode(told)) == told
