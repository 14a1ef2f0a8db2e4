"""The act of the caches: a short day through all of its processes."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from pointsman.cli.demo.act_caching import perform_caching, show_caching
from pointsman.demo.caching.caching import Scale
from pointsman.demo.caching.told import CachingReport


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[CachingReport, str]:
    out = io.StringIO()
    console = Console(file=out, width=100, color_system=None)
    folder: Path = tmp_path_factory.mktemp("caching")
    scale = Scale(30, 0.5, boards=2, turns=3)
    report = asyncio.run(perform_caching(console, os.environ, folder, scale=scale, seed=1))
    show_caching(console, report)
    return report, out.getvalue()


def test_what_the_ledger_says_is_what_the_invoices_differ_by(played: tuple[CachingReport, str]) -> None:
    report, said = played
    assert report.errors == []
    assert report.ledger.saved("hits", "shared") == report.of("questions", "boards") > 0
    assert report.ledger.saved("autopilot") == report.of("agent")
    assert report.saved == sum(part.saved for part in report.parts), "every call belongs to a part"
    assert "the invoices differ by exactly that" in said
    assert "in 0.5 seconds" in said and "simulated" in said


def test_everything_that_was_asked_is_counted(played: tuple[CachingReport, str]) -> None:
    report, _ = played
    requests = {part.part: part.requests for part in report.parts}
    assert requests == {"questions": 30, "boards": 24, "agent": 3, "retries": 8, "resumed": 6}
    for part in report.parts:
        assert part.calls_without == part.requests
        if part.part in ("questions", "boards"):
            assert part.calls == part.requests - part.hits - part.shared < part.requests
    halves = {part.part: part.calls for part in report.parts if part.part in ("retries", "resumed")}
    assert halves == {"retries": 4, "resumed": 3}
    assert sum(report.asked_each_hour) == sum(requests.values())
    assert sum(report.given_again_each_hour) == sum(part.hits + part.shared for part in report.parts)
