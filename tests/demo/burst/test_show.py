from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from pointsman.demo.burst.burst import LANES, BurstReport, LaneReport
from pointsman.demo.burst.crowd import Tally
from pointsman.demo.burst.show import picture, running

POINTSMAN = LaneReport("Pointsman", "waits", 90, 90, 0, 0, 29.4, 9.1, 19.2, [9, *[3] * 27], [])
LOOP = LaneReport("backoff loop", "tries", 90, 28, 62, 465, 36.4, None, None, [9, 0, *[1] * 34], [9, 41, 20])
REPORT = BurstReport(180, 90, 10.0, 30.0, (POINTSMAN, LOOP))


def shown(what: RenderableType, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(what)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_picture_fits_and_nothing_is_cut_off(width: int) -> None:
    lines = shown(picture(REPORT, width), width)
    assert "…" not in "".join(lines)
    assert all(len(line) <= width for line in lines)
    answered = [line[11:] for line in lines if line.startswith("  answered ")]
    refused = [line[11:].strip() for line in lines if line[:11] == "       429 "]
    assert [line[0] for line in answered] == ["█", "█"]
    assert [max(line, default="") for line in refused] == ["", "█"]


def test_the_figures_are_those_of_the_report() -> None:
    rows = [line.split() for line in shown(picture(REPORT, 100), 100)[-2:]]
    assert rows[0] == ["Pointsman", "90/90", "0", "0", "29.4", "s", "9.10", "s", "19.2", "s"]
    assert rows[1] == ["backoff", "loop", "28/90", "62", "465", "36.4", "s", "–", "s", "–", "s"]


def test_an_empty_report_can_be_drawn() -> None:
    nobody = LaneReport("Pointsman", "waits", 0, 0, 0, 0, 0.0, None, None, [], [])
    assert shown(picture(BurstReport(1, 0, 0.0, 0.0, (nobody,)), 80), 80)


@pytest.mark.parametrize("width", [80, 140])
def test_lanes_under_way_take_a_line_each(width: int) -> None:
    tallies = {lane: Tally(90) for lane in LANES}
    first = tallies[LANES[0]]
    first.asked, first.waits, first.errors, first.refused = 50, [1.0] * 20, ["no"] * 4, 17
    lines = [line for line in shown(running(tallies, 12.4), width) if line.strip()]
    assert len(lines) == len(LANES)
    for said in ("Pointsman", "20/90", "26 waiting", "17 429s", "4 errors", "12 s"):
        assert said in lines[0]
