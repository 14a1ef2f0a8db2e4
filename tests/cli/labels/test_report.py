from __future__ import annotations

import io

from rich.console import Console

from pointsman.cli.labels.report import count_data, doubtful, imported, mark_data, marks_table, table
from pointsman.routing.labels.kept import LabelCount
from tests.support.labels_contract import a_mark

COUNT = LabelCount("support", "small", "shadow", 1200, 1100, 0.75, 0, 1_795_000_000_000_000)


def test_a_line_for_each_source() -> None:
    out = io.StringIO()
    Console(file=out, width=100).print(table([COUNT]))
    row = out.getvalue().splitlines()[-2].split()
    assert row == ["support", "small", "shadow", "1,200", "0.750", "2026-11-18"]


def test_the_same_as_data() -> None:
    assert count_data(COUNT) == {
        "route": "support",
        "model": "small",
        "source": "shadow",
        "labels": 1200,
        "prompts": 1100,
        "mean_score": 0.75,
        "first": "1970-01-01T00:00:00.000Z",
        "last": "2026-11-18T11:06:40.000Z",
    }
    assert imported(2, 3000, "x") == "3,000 labels of 2 prompts are now known to route x."


def test_a_line_for_each_mark() -> None:
    mark = a_mark("small", 0.5, at_us=1_795_000_000_000_000, cost=1_500_000)
    out = io.StringIO()
    Console(file=out, width=100).print(marks_table([("req_1", "acme", mark)]))
    row = out.getvalue().splitlines()[-2].split()
    assert row == ["2026-11-18T11:06:40", "req_1", "acme", "small", "shadow", "0.500"]
    data = mark_data("req_1", "acme", mark)
    assert (data["cost_usd"], data["answer"], data["input_tokens"]) == ("0.0000015", "req_9", None)


def test_labels_that_nothing_may_come_of() -> None:
    assert doubtful({"small"}, ("small", "large"), "x") is None
    assert "no [auto.x]" in (doubtful({"small"}, None, "x") or "")
    said = doubtful({"smal", "large"}, ("small", "large", "small"), "x") or ""
    assert "not learned from there: smal." in said and said.endswith("The pool is small, large.")
