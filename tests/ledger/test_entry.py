from __future__ import annotations

import msgspec
import pytest

from pointsman.ledger import CACHE, OUTCOMES, Entry, Ledger, MemoryLedger, as_if_alone
from tests.support.ledger_entries import an_entry


def test_outcomes_are_known_by_name() -> None:
    assert OUTCOMES == ("ok", "error", "cut", "broken")


def test_an_entry_is_a_value() -> None:
    entry = an_entry()
    assert entry == an_entry() and hash(entry) == hash(an_entry())
    with pytest.raises(AttributeError):
        entry.cost = 1  # type: ignore[misc]  # that it cannot be changed is the point
    assert msgspec.json.decode(msgspec.json.encode(entry), type=Entry) == entry


async def test_the_ledger_in_memory_is_a_ledger() -> None:
    ledger: Ledger = MemoryLedger()
    ledger.record(an_entry())
    await ledger.flush()
    assert await ledger.find("req_1") == an_entry()
    await ledger.close()


def test_a_request_whose_answer_others_got_too_stands_alone_with_all_of_its_cost() -> None:
    asked = an_entry(cost=10, cache="miss")
    assert as_if_alone(asked) is asked
    split = an_entry(cost=4, cache="miss", saved=6)
    assert as_if_alone(split) == asked
    assert as_if_alone(an_entry(cost=3, cache="coalesced", saved=7, provider=CACHE, attempts=())) is None
    unknown = an_entry(cost=None, cache="miss", saved=None)
    assert as_if_alone(unknown) is unknown
