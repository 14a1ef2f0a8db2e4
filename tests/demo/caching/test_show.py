from __future__ import annotations

import pytest
from rich.console import Console, RenderableType

from pointsman.demo.caching.show import living, picture
from pointsman.demo.caching.told import Lane, Sent
from tests.support.caching_act import a_report


def shown(renderable: RenderableType, width: int) -> list[str]:
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= width
    return lines


@pytest.mark.parametrize("width", [80, 120])
def test_the_picture_has_strips_of_the_day_and_a_row_for_each_part(width: int) -> None:
    lines = shown(picture(a_report(), width), width)
    text = [" ".join(line.split()) for line in lines]
    assert any(line.startswith("calls without █") for line in text)
    assert any(line.startswith("calls with ▂") for line in text)
    assert any("00:00" in line and "18:00" in line for line in text)
    assert "questions 100 80 5 15 $0.0600 $0.4000 $0.3400 85%" in text
    assert "coding agent 20 · · 20 $0.1500 $0.3800 $0.2300 61%" in text
    assert "the invoices 194 81 52 54 $0.2500 $0.9100 $0.6600 73%" in text
    assert not any("…" in line for line in lines)


def test_it_says_whether_the_books_agree_with_the_invoices() -> None:
    text = " ".join(" ".join(shown(picture(a_report(errors=("with: x",)), 100), 100)).split())
    assert "shared: by the ledger $0.41, and the invoices differ by exactly that." in text
    assert "The prompt cache: by the ledger $0.23, and the invoices differ by exactly that." in text
    assert "no second call: $0.02 by the invoices" in text
    assert "1 requests failed, first: with: x" in text
    other = " ".join(" ".join(shown(picture(a_report(hits="0.3", autopilot="0"), 100), 100)).split())
    assert "by the ledger $0.37; the invoices differ by $0.41 there." in other
    assert "prompt cache:" not in other


def test_the_day_while_it_goes_on() -> None:
    lane = Lane("keeps answers", 4)
    lane.sent.append(Sent("questions", 1.0, "req_1", "hit"))
    line = next(line for line in shown(living([lane], 9.5), 80) if line.strip())
    for word in ("keeps answers", "1/4", "1 given again", "09:30"):
        assert word in line
    assert any("24:00" in line for line in shown(living([lane], 30.0), 80))
