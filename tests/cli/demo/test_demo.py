"""The demo as a user runs it, on a few prompts and without the waiting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "DEEPSEEK_API_KEY")


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in KEYS}
    return subprocess.run(
        [sys.executable, "-m", "pointsman", "demo", "--speed", "100", *arguments],
        env=environment | {"XDG_DATA_HOME": str(tmp_path), "COLUMNS": "110"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_it_ends_with_a_table_an_equal_invoice_and_what_to_try_next(tmp_path: Path) -> None:
    ended = run(tmp_path, "--act", "prompts", "--limit", "12", "--faults", "529:at=2")
    assert ended.returncode == 0, ended.stderr
    said = " ".join(ended.stdout.split())
    assert "total 12 " in said
    assert "The gateway booked exactly that." in said
    assert "saved)" in said or "dearer)" in said
    assert said.count("pointsman usage --db") == 1
    assert (tmp_path / "pointsman" / "demo.db").exists()


def test_json_has_the_same_and_nothing_else(tmp_path: Path) -> None:
    ended = run(tmp_path, "--act", "prompts", "--limit", "6", "--json", "--faults", "")
    found = json.loads(ended.stdout)
    assert found["report"]["total"]["requests"] == 6
    assert found["report"]["total"]["errors"] == 0
    assert len(found["invoice"]["calls"]) == 6
    assert found["burst"] is None and found["routing"] is found["caching"] is None


def test_the_routing_in_json_says_why_nothing_is_certified(tmp_path: Path) -> None:
    ended = run(tmp_path, "--act", "routing", "--limit", "60", "--json")
    found = json.loads(ended.stdout)["routing"]
    assert found["skills_are_simulated"] is True
    assert found["route"]["proposed"] is None and found["route"]["refused"]
    assert [lane["requests"] for lane in found["lanes"]] == [60] * 5
    assert found["savings"]["requests"] == 120
    assert not (tmp_path / "pointsman").exists()


@pytest.mark.parametrize("wrong", [["--concurrency", "0"], ["--faults", "nonsense:1"], ["--act", "interval"]])
def test_bad_options_are_one_clear_line(tmp_path: Path, wrong: list[str]) -> None:
    ended = run(tmp_path, "--limit", "1", *wrong)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
