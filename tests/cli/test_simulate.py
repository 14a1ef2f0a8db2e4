import inspect
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pointsman.cli.simulate import simulate
from pointsman.errors import ConfigurationError
from pointsman.simulator import Config

_app = typer.Typer()
_app.command()(simulate)


def test_the_defaults_are_those_of_the_documentation() -> None:
    defaults = {name: each.default for name, each in inspect.signature(simulate).parameters.items()}
    assert defaults["host"] == "127.0.0.1"
    assert defaults["port"] == 9000
    assert (defaults["rpm"], defaults["tpm"], defaults["replay"]) == (None, None, None)


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--port", "70000"], ["--rpm", "0"], ["--pace", "warp"], ["--speed", "0"]),
        *(["--concurrency", "0"], ["--window", "fixed"], ["--limit-headers", "some"], ["--retry-after", "x"]),
    ],
)
def test_wrong_options_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(_app, arguments).exit_code == 2


def test_every_option_of_the_simulator_is_an_option_of_the_command() -> None:
    """Under the same name, with the same default, apart from the pace."""
    parameters = inspect.signature(simulate).parameters
    assert set(Config.__struct_fields__) <= set(parameters)
    switches = {"on": True, "off": False}
    for name, default in zip(Config.__struct_fields__, Config.__struct_defaults__, strict=True):
        given = parameters[name].default
        given = switches.get(given, given) if isinstance(default, bool) else given
        assert given == default or name in ("pace", "faults"), name


def test_wrong_faults_and_files_are_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.jsonl")
    for arguments, said in ((["--faults", "boom:1"], "'boom:1'"), (["--replay", missing], "none.jsonl")):
        result = CliRunner().invoke(_app, arguments)
        assert isinstance(result.exception, ConfigurationError)
        assert said in result.exception.message
