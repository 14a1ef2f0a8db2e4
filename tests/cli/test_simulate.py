import inspect
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pointsman.cli.simulate import simulate
from pointsman.errors import ConfigurationError

_app = typer.Typer()
_app.command()(simulate)


def test_the_defaults_are_those_of_the_documentation() -> None:
    defaults = {name: each.default for name, each in inspect.signature(simulate).parameters.items()}
    assert defaults["host"] == "127.0.0.1"
    assert defaults["port"] == 9000
    assert (defaults["rpm"], defaults["tpm"], defaults["replay"]) == (None, None, None)


@pytest.mark.parametrize(
    "arguments", [["--port", "70000"], ["--rpm", "0"], ["--pace", "warp"], ["--speed", "0"]]
)
def test_wrong_options_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(_app, arguments).exit_code == 2


def test_wrong_faults_and_files_are_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.jsonl")
    for arguments, said in ((["--faults", "boom:1"], "'boom:1'"), (["--replay", missing], "none.jsonl")):
        result = CliRunner().invoke(_app, arguments)
        assert isinstance(result.exception, ConfigurationError)
        assert said in result.exception.message
