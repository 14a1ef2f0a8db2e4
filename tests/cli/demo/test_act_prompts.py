"""What the demo says about money; the whole run is tested in ``test_demo.py``."""

from __future__ import annotations

from pointsman.chat import Usage
from pointsman.cli.demo.act_prompts import Invoice, _compare, _price
from pointsman.costs import parse_usd
from pointsman.demo.prompts.report import Report, add_up


def report(cost: str) -> Report:
    import msgspec

    empty = add_up([], _price)
    total = msgspec.structs.replace(empty.total, cost=parse_usd(cost))
    return msgspec.structs.replace(empty, total=total)


def test_equal_books_are_said_to_be_equal() -> None:
    said = _compare(report("0.0102"), Invoice([{}], "0.0102", 0))
    assert "booked exactly that" in said


def test_a_difference_is_shown_with_both_figures() -> None:
    said = _compare(report("0.0102"), Invoice([{}], "0.0103", 1))
    assert "0.0103" in said and "0.0102" in said and "exactly" not in said


def test_an_unknown_model_has_no_price() -> None:
    assert _price("no-such-model", Usage(input=1)) is None
    assert _price("gpt-6-luna", Usage(output=10)) == 5_000_000
