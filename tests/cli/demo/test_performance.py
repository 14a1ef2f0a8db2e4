"""What is said in the end; the acts are tested in their own files, the whole run in ``test_demo.py``."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from pointsman.cli.demo.performance import _missing_for_routing, _say_what_next


@pytest.mark.parametrize(("database", "looks"), [(Path("some") / "demo.db", 1), (None, 0)])
def test_only_a_ledger_that_was_written_can_be_looked_at(database: Path | None, looks: int) -> None:
    out = io.StringIO()
    _say_what_next(Console(file=out, width=100), database)
    assert out.getvalue().count("usage --db") == looks
    assert " serve\n" in out.getvalue()


def test_what_the_routing_left_can_be_looked_at_by_three_commands() -> None:
    out = io.StringIO()
    _say_what_next(Console(file=out, width=100), None, Path("left"))
    lines = out.getvalue().strip().splitlines()
    assert len(lines) == 1 + 3
    assert all("left" in line for line in lines[1:])


def test_without_the_extra_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert "pip install 'pointsman[train]'" in _missing_for_routing()
