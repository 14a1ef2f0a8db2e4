from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from pointsman.costs import PER_USD
from pointsman.demo.prompts.report import Comparison, Report, Row
from pointsman.demo.prompts.show import comparison_text, progress_columns, render

ROW = Row(
    model="gemini-3.5-flash-lite",
    provider="gemini",
    requests=123,
    errors=2,
    retries=13,
    input=612_345,
    output=23_456,
    cost=1_234_567_890_000,
    unpriced=0,
    ttft_p50=0.421,
    ttft_p99=12.3,
    latency_p50=1.5,
    latency_p99=31.26,
)
TOTAL = msgspec.structs.replace(ROW, model="total", provider="", requests=1_345, input=1_234_567, unpriced=1)
REPORT = Report(
    rows=(ROW,),
    total=TOTAL,
    comparison=Comparison(model="claude-opus-5-5", requests=122, cost=PER_USD, strongest_cost=4 * PER_USD),
)


def shown(width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(render(REPORT, width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_nothing_is_cut_off_or_wrapped(width: int) -> None:
    lines = shown(width)
    assert "…" not in "".join(lines)
    assert all(len(line) <= width for line in lines)
    assert lines[0].split()[0] == "model" and lines[1].split()[0] == ROW.model
    assert lines[2].split()[0] == "total"
    assert ("provider" in lines[0]) == (width == 140)
    assert "122 requests cost $1.0000; all on claude-opus-5-5: $4.0000 (75.0 % saved)" in lines


def test_a_narrow_table_says_the_same() -> None:
    cells = shown(80)[1].split()
    assert cells == [ROW.model, "123", "612k", "23.5k", "$1.2346", "0.42/12.3", "1.50/31.3", "2", "13"]


def test_what_is_not_known_is_said() -> None:
    lines = shown(100)
    assert "$1.2346+?" in lines[2] and "+?" not in lines[1]
    assert "cost of 1 of the requests" in " ".join(lines)


def test_a_loss_is_not_called_a_saving() -> None:
    loss = Comparison(model="m", requests=1, cost=3 * PER_USD, strongest_cost=2 * PER_USD)
    assert comparison_text(loss).plain == "1 request cost $3.0000; all on m: $2.0000 (50.0 % dearer)"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_progress_bar_is_one_line(width: int) -> None:
    from rich.progress import Progress

    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    now = [100.0]
    with Progress(
        *progress_columns(), console=console, expand=True, auto_refresh=False, get_time=lambda: now[0]
    ) as bar:
        task = bar.add_task("asking", total=84)
        for _ in range(42):
            now[0] += 0.5
            bar.advance(task)
        bar.refresh()
        out.seek(0)
        out.truncate()
        bar.refresh()
        line = out.getvalue().replace("\r", "").replace("\x1b[2K", "").rstrip("\n")
    assert "asking" in line and "42/84" in line and "2.0/s" in line and "00:21 left" in line
    assert len(line) <= width and "\n" not in line
