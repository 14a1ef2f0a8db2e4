"""``scripts/lib/setup.sh`` on machines that lack something: one line says what."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the set-up reads."""
    for name in ("pyproject.toml", "requirements", "scripts"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def run(project: Path, script: str, *, path: str | None = None, **variables: str) -> tuple[int, str, str]:
    environment = {"PATH": path or os.environ["PATH"], "HOME": str(project)} | variables
    bash = shutil.which("bash")
    assert bash is not None
    ended = subprocess.run(
        [bash, "-c", f"set -euo pipefail; . scripts/lib/setup.sh; {script}"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr


def fake_python(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


def test_a_machine_without_python_is_told_so_in_one_line(project: Path) -> None:
    code, _, stderr = run(project, "set_up", path=str(project / "nothing"))
    assert code == 1
    assert stderr.startswith("pointsman: Python 3.11 or newer is missing")
    assert stderr.count("\n") == 1
    assert not (project / ".venv").exists()


def test_a_python_that_is_too_old_is_passed_over(project: Path) -> None:
    fake_python(project / "bin", "python3", "exit 1")
    fake_python(project / "bin", "python3.12", "exit 0")
    assert run(project, "find_python", path=str(project / "bin"))[:2] == (0, "python3.12\n")


def test_a_python_can_be_named(project: Path) -> None:
    assert run(project, "find_python", POINTSMAN_PYTHON=sys.executable)[:2] == (0, f"{sys.executable}\n")


def test_a_python_without_venv_is_told_so_in_one_line(project: Path) -> None:
    fake_python(project / "bin", "python3", f'[ "$2" = venv ] && exit 1\nexec {sys.executable} "$@"')
    path = f"{project / 'bin'}:{os.environ['PATH']}"
    code, _, stderr = run(project, "make_venv .made python3 nothing", path=path)
    assert code == 1
    assert stderr.splitlines()[-1].startswith("pointsman: python3 cannot make virtual environments")


def test_the_stamp_follows_what_the_environment_is_made_of(project: Path) -> None:
    command = f"fingerprint {sys.executable} pyproject.toml requirements/constraints.txt demo"
    first = run(project, command)
    assert run(project, command) == first
    (project / "requirements" / "constraints.txt").write_text("other==1\n")
    assert run(project, command)[1] != first[1]
    assert first[0] == 0


def test_an_environment_that_is_up_to_date_is_left_alone(project: Path) -> None:
    files = "pyproject.toml requirements/constraints.txt requirements/previous-sdks.txt"
    stamp = f"fingerprint {sys.executable} {files} x"
    (project / ".made").mkdir()
    (project / ".made" / ".pointsman-stamp").write_text(run(project, stamp)[1])
    assert run(project, f"make_venv .made {sys.executable} x") == (0, "", "")
    assert [path.name for path in (project / ".made").iterdir()] == [".pointsman-stamp"]


@pytest.mark.parametrize("script", ["scripts/test", "scripts/check", "scripts/demo", ".ci/run"])
def test_the_scripts_can_be_run_as_they_are(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    bash = shutil.which("bash")
    assert bash is not None
    assert subprocess.run([bash, "-n", ROOT / script], check=False, timeout=60).returncode == 0
