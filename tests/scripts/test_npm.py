"""``scripts/lib/npm.sh`` on machines that lack something, and where the packages are there already."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def program(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def run(script: str, path: str, cache: Path) -> tuple[int, str, str]:
    bash = shutil.which("bash")
    assert bash is not None
    ended = subprocess.run(
        [bash, "-c", f"set -euo pipefail; . scripts/lib/setup.sh; . scripts/lib/npm.sh; {script}"],
        cwd=ROOT,
        env={"PATH": path, "HOME": str(cache), "POINTSMAN_CONFORMANCE_CACHE": str(cache / "packages")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        ({}, "pointsman: Node.js is missing: install version 20 or newer\n"),
        (
            {"node": '[ "$1" = --version ] && echo v18.1.0; [ "$1" = --version ]'},
            "pointsman: Node.js v18.1.0 is too old: install version 20 or newer\n",
        ),
        ({"node": "exit 0"}, "pointsman: npm is missing: install it beside Node.js\n"),
    ],
)
def test_what_is_missing_is_told_in_one_line(programs: dict[str, str], said: str, tmp_path: Path) -> None:
    for name, body in programs.items():
        program(tmp_path / "bin", name, body)
    assert run("need_node", str(tmp_path / "bin"), tmp_path) == (1, "", said)


def test_a_registry_that_is_away_is_told_and_nothing_counts_as_installed(tmp_path: Path) -> None:
    program(tmp_path / "bin", "npm", "echo no network >&2; exit 1")
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    code, out, err = run("set_up_npm_packages", path, tmp_path)
    assert (code, out) == (1, "")
    assert "no network" in err
    assert err.splitlines()[-1].startswith("pointsman: the npm packages could not be installed")
    assert not (tmp_path / "packages" / ".installed").exists()


def test_what_is_installed_is_left_alone_until_the_list_changes(tmp_path: Path) -> None:
    program(tmp_path / "bin", "npm", f"echo called >> {tmp_path}/calls")
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    for _ in range(2):
        code, out, _ = run("set_up_npm_packages", path, tmp_path)
        assert (code, out) == (0, f"{tmp_path / 'packages'}\n")
    assert (tmp_path / "calls").read_text() == "called\n"
    (tmp_path / "packages" / ".installed").write_text("another list")
    assert run("set_up_npm_packages", path, tmp_path)[0] == 0
    assert (tmp_path / "calls").read_text() == "called\ncalled\n"


def test_the_script_can_be_run_as_it_is() -> None:
    assert os.access(ROOT / "scripts" / "conformance", os.X_OK)
    bash = shutil.which("bash")
    assert bash is not None
    assert subprocess.run([bash, "-n", ROOT / "scripts/conformance"], check=False, timeout=60).returncode == 0
