from __future__ import annotations

import msgspec
import pytest

from pointsman.routing.decision import Decision
from pointsman.routing.journal import Decided
from pointsman.routing.journal.rows import COLUMNS, decided_of, row_of
from tests.support.decided import decided


def test_a_decision_comes_back_as_it_was() -> None:
    bare = Decided("r2", 1, "", "", Decision("x", "fixed", ("b",), 0, "fixed"))
    full = decided()
    filled = {
        name for name in Decision.__struct_fields__ if getattr(full.decision, name) not in ((), "", b"")
    }
    assert filled == set(Decision.__struct_fields__), "so that no field can be forgotten"
    for each in (full, bare):
        row = row_of(each)
        assert len(row) == len(COLUMNS)
        assert decided_of(row) == each


def test_a_row_that_somebody_else_wrote() -> None:
    row = list(row_of(decided()))
    row[COLUMNS.index("rest")] = "{"
    with pytest.raises(msgspec.DecodeError):
        decided_of(tuple(row))
