"""The journey as those see it who book requests."""

from __future__ import annotations

import pytest

from pointsman.gateway.call.books import Books
from tests.support.gateway import Rig
from tests.support.ledger_entries import an_entry


def test_what_is_booked_together_is_recorded_at_once() -> None:
    rig = Rig()
    books: Books = rig.gateway.journey
    books.record_aside(an_entry("before"))
    with books.together():
        books.record_aside(an_entry("a"))
        books.record_aside(an_entry("b"))
        assert len(rig.ledger.entries) == 1
    books.record_aside(an_entry("after"))
    assert rig.ledger.groups == [["a", "b"]]
    assert [entry.request_id for entry in rig.ledger.entries] == ["before", "a", "b", "after"]


def test_what_was_booked_before_something_went_wrong_is_booked() -> None:
    rig = Rig()
    books: Books = rig.gateway.journey
    with pytest.raises(ZeroDivisionError), books.together():
        books.record_aside(an_entry("a"))
        raise ZeroDivisionError
    books.record_aside(an_entry("b"))
    assert [entry.request_id for entry in rig.ledger.entries] == ["a", "b"]
