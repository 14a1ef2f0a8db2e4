from __future__ import annotations

import pytest

from pointsman.limits import Amounts, make_limit
from pointsman.limits.learning.headers import Allowance
from pointsman.limits.learning.watched import Watched
from pointsman.limits.request.book import deployment_scope

S = 1_000_000
ASKED: Amounts = (1, 300, 0, 300, 300, 300, 1)


def watched(sent: int = 0) -> Watched:
    made = Watched("shop/m", 0)
    for dimension, amount in (("rpm", 60), ("tpm", 90_000)):
        limit = make_limit(deployment_scope("shop/m"), dimension, amount, source="learned")  # type: ignore[arg-type]  # the loop widens the literals
        made.told[limit.dimension] = limit
    made.history.add(sent, 100 * sent, S)
    return made


@pytest.mark.parametrize(
    ("allowances", "sent", "explained"),
    [
        ([Allowance("rpm", 60, 0), Allowance("tpm", 90_000, 5_000)], 0, True),
        ([Allowance("rpm", 60, 5), Allowance("tpm", 90_000, 299)], 0, True),
        ([Allowance("rpm", 60, 5), Allowance("tpm", 90_000, 5_000)], 60, False),
        ([], 60, True),
        ([Allowance("rpm", 60)], 60, True),
        ([], 20, False),
    ],
)
def test_a_refusal_is_explained_by_what_was_told(
    allowances: list[Allowance], sent: int, explained: bool
) -> None:
    assert watched(sent).is_explained(allowances, ASKED, 2 * S) is explained


def test_the_wait_grows_with_each_refusal_of_a_later_call() -> None:
    one = watched()
    waits = [one.back_off(sent * S, sent * S + 1) for sent in (1, 1, 2, 3, 10)]
    assert waits == [S, S, 2 * S, 4 * S, 8 * S]


def test_forgetting_keeps_what_was_sent() -> None:
    one = watched(5)
    one.published["x"] = one.told["rpm"]
    one.forget()
    assert (one.told, one.published, one.guess.rate()) == ({}, {}, None)
    assert one.history.within(0, 0, 2 * S) == 5
