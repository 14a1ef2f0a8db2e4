from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pointsman.cli import lazy
from pointsman.cli.main import exit_code, one_line, run
from pointsman.errors import (
    ConfigurationError,
    InternalError,
    ModelNotFound,
    PointsmanError,
    ServerBusy,
    UpstreamUnreachable,
)
from pointsman.version import __version__

COMMAND = [sys.executable, "-c", "from pointsman.cli.main import main; main()"]


def call(*arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(arguments, environ=environ or {}, stderr=stderr), stderr.getvalue()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Put a function in the place of every command."""

    def install(function: Callable[[], None]) -> None:
        import typer

        app = typer.Typer(add_completion=False)
        app.command("x")(function)
        monkeypatch.setattr(lazy, "load_command", lambda name, group: typer.main.get_command(app))

    return install


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "serve"]])
def test_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*arguments) == (0, "")
    assert capsys.readouterr().out == f"pointsman {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--help") == (0, "")
    shown = capsys.readouterr().out
    assert [name for name in lazy.COMMANDS if name not in shown] == []


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["--no-such-option"], ["doctor", "--no-such-option"]]
)
def test_a_wrong_command_line_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*arguments)[0] == 2
    assert "no-such" in capsys.readouterr().err


def test_a_command_that_is_nearly_right_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("doctr")[0] == 2
    assert "doctor" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("server.port: no"), 2),
        (ModelNotFound("no\nsuch\nmodel"), 2),
        (UpstreamUnreachable("gone"), 1),
        (ServerBusy("full"), 1),
        (InternalError("bug"), 1),
    ],
)
def test_a_failure_is_one_line_and_a_code(
    error: PointsmanError, code: int, command: Callable[[Callable[[], None]], None]
) -> None:
    def fail() -> None:
        raise error

    command(fail)
    assert call("doctor") == (code, f"pointsman: {one_line(error)}\n")
    assert exit_code(error) == code
    with pytest.raises(type(error)):
        call("doctor", environ={"POINTSMAN_TRACEBACK": "1"})


def test_an_interrupt_is_130_and_quiet(command: Callable[[Callable[[], None]], None]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    command(interrupted)
    assert call("doctor") == (130, "")


def test_the_code_of_a_command_is_the_code_of_the_process(
    command: Callable[[Callable[[], None]], None],
) -> None:
    import typer

    def leave() -> None:
        raise typer.Exit(3)

    command(leave)
    assert call("doctor") == (3, "")


def test_the_process_ends_with_one_line_for_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "pointsman.toml").write_text("[server]\nprt = 1\n")
    ended = subprocess.run(
        [*COMMAND, "usage"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 2
    assert ended.stderr == "pointsman: server.prt: there is no such setting; did you mean port?\n"


def test_the_version_is_told_before_anything_slow_is_loaded() -> None:
    program = (
        "import sys\n"
        "sys.argv = ['pointsman', '--version']\n"
        "from pointsman.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "slow = {'typer', 'rich', 'asyncio', 'pydantic', 'msgspec', 'ssl'} & set(sys.modules)\n"
        "sys.exit(str(slow) if slow else 0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
