from __future__ import annotations

from tests.support.open_calls import an_open_call

from pointsman.chat import Usage
from pointsman.ledger import PROCESS_DIED, settle


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


def test_nothing_open_is_nothing_to_settle() -> None:
    assert settle([]) == []
