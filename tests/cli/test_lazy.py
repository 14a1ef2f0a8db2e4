from __future__ import annotations

import sys
import types

import pytest
import typer

from pointsman.cli import lazy
from pointsman.cli.lazy import COMMANDS, load_command


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """An empty file of a command called ``sample``."""
    made = types.ModuleType("pointsman.cli.sample")
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there(name: str) -> None:
    command = load_command(name)
    assert command.name == name
    assert command.help


def test_a_function_becomes_a_command(module: types.ModuleType) -> None:
    def sample(port: int = 1) -> None:
        """Say so."""

    module.sample = sample  # type: ignore[attr-defined]  # made here
    command = load_command("sample")
    assert (command.name, command.help) == ("sample", "Say so.")
    assert [parameter.name for parameter in command.params] == ["port"]


def test_a_command_of_several_files_is_in_the_one_of_its_name(
    module: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    module.__path__ = []
    inner = types.ModuleType("pointsman.cli.sample.sample")
    inner.sample = lambda: None  # type: ignore[attr-defined]  # made here
    monkeypatch.setitem(sys.modules, inner.__name__, inner)
    assert load_command("sample").name == "sample"


def test_a_command_of_a_group_is_called_after_both(monkeypatch: pytest.MonkeyPatch) -> None:
    made = types.ModuleType("pointsman.cli.sample.one")
    made.sample_one = lambda: None  # type: ignore[attr-defined]  # made here
    monkeypatch.setitem(sys.modules, "pointsman.cli.sample", types.ModuleType("pointsman.cli.sample"))
    monkeypatch.setitem(sys.modules, made.__name__, made)
    assert load_command("one", "sample").name == "one"


def test_an_app_becomes_a_command_with_commands(module: types.ModuleType) -> None:
    app = typer.Typer(help="Many.")
    for name in ("one", "two"):
        app.command(name)(lambda: None)
    module.sample_app = app  # type: ignore[attr-defined]  # made here
    command = load_command("sample")
    assert command.name == "sample"
    assert list(command.commands) == ["one", "two"]


def test_the_list_loads_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(lazy, "load_command", loaded.append)
    app = typer.Typer(cls=lazy.LazyGroup, callback=lambda: None)
    with pytest.raises(SystemExit) as ended:
        app(["--help"])
    assert (ended.value.code, loaded) == (0, [])
