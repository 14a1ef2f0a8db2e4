from __future__ import annotations

import pytest

from pointsman.chat import Usage
from pointsman.ledger import PROCESS_DIED, settle
from tests.support.open_calls import an_open_call


def test_a_call_left_open_is_spent_as_estimated() -> None:
    (entry,) = settle([an_open_call("req_1", usage=Usage(input=10, output=90), cost=77)])
    assert (entry.request_id, entry.outcome, entry.error) == ("req_1", "broken", PROCESS_DIED)
    assert (entry.usage, entry.cost, entry.estimated) == (Usage(input=10, output=90), 77, True)
    assert (entry.key_id, entry.tenant, entry.model, entry.at_us) == ("key_1", "acme", "gpt-6-luna", 1000)
    (attempt,) = entry.attempts
    assert (attempt.model, attempt.status, attempt.cost, attempt.error) == ("luna-2026", 0, 77, PROCESS_DIED)


def test_attempts_of_one_request_make_one_entry() -> None:
    second = an_open_call(number=2, provider="other", usage=Usage(output=5), cost=5)
    entries = settle([second, an_open_call("req_2"), an_open_call(usage=Usage(output=3), cost=3)])
    assert [entry.request_id for entry in entries] == ["req_1", "req_2"]
    assert (entries[0].provider, entries[0].cost, entries[0].usage) == ("other", 8, Usage(output=8))
    assert [attempt.number for attempt in entries[0].attempts] == [1, 2]


def test_an_unknown_cost_stays_unknown() -> None:
    (entry,) = settle([an_open_call(cost=3, usage=Usage(input=1)), an_open_call(number=2)])
    assert (entry.cost, entry.usage) == (None, Usage(input=1))
    assert settle([an_open_call()])[0].usage is None


@pytest.mark.parametrize("knowing_first", [True, False])
def test_of_an_attempt_that_is_kept_twice_the_one_counts_that_knows_its_end(knowing_first: bool) -> None:
    ended = an_open_call(usage=Usage(), cost=0, status=429, error="rate_limit_exceeded")
    under_way = an_open_call(usage=Usage(input=7), cost=7)
    kept = [ended, under_way] if knowing_first else [under_way, ended]
    (entry,) = settle([*kept, an_open_call(number=2, usage=Usage(input=7), cost=7)])
    first, second = entry.attempts
    assert (first.status, first.outcome, first.error) == (429, "error", "rate_limit_exceeded")
    assert (first.estimated, second.estimated) == (False, True)
    assert (entry.cost, entry.usage) == (7, Usage(input=7))


def test_nothing_open_is_nothing_to_settle() -> None:
    assert settle([]) == []
