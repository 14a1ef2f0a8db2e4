"""The act of the burst with few requests: the facts of the simulators and those of the callers agree."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from pointsman.cli.demo.act_burst import perform_burst, show_burst
from pointsman.demo.burst.burst import LANES, Burst, BurstReport


async def hurried(seconds: float) -> None:
    await asyncio.sleep(seconds / 10)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[BurstReport, str]:
    out = io.StringIO()
    console = Console(file=out, width=100, color_system=None)
    folder: Path = tmp_path_factory.mktemp("burst")
    burst = Burst(rpm=240, requests=16, seconds=16 / 12)
    acting = perform_burst(console, os.environ, folder, burst=burst, seed=1, speed=10, sleep=hurried)
    report = asyncio.run(acting)
    show_burst(console, report)
    return report, out.getvalue()


def test_every_request_ends_somehow_and_every_call_is_counted(played: tuple[BurstReport, str]) -> None:
    report, _ = played
    assert [lane.name for lane in report.lanes] == [lane.name for lane in LANES]
    for lane in report.lanes:
        assert lane.asked == lane.answered + lane.errors == report.requests
        assert sum(lane.answered_each_second) == lane.answered
        assert sum(lane.refused_each_second) == lane.refused_upstream
        assert lane.seconds > 0


def test_with_pointsman_nobody_sees_a_refusal(played: tuple[BurstReport, str]) -> None:
    report, _ = played
    pointsman, sdk, loop = report.lanes
    assert (pointsman.errors, pointsman.answered) == (0, report.requests)
    assert sdk.refused_upstream > 0 and loop.refused_upstream > 0
    assert pointsman.refused_upstream < min(sdk.refused_upstream, loop.refused_upstream)


def test_without_a_terminal_it_is_told_once_and_plainly(played: tuple[BurstReport, str]) -> None:
    _, said = played
    assert "\x1b" not in said
    assert said.count("429s upstream") == 1
    assert "3 times what it allows" in " ".join(said.split())
