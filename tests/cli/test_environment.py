from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.cli.environment import gateway_url, read_context
from pointsman.errors import ConfigurationError


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("POINTSMAN_CONFIG", "POINTSMAN_SERVER__PORT"):
        monkeypatch.delenv(variable, raising=False)


def write(path: Path, port: int) -> Path:
    path.write_text(f"[server]\nport = {port}\nadmin_port = {port}\n")
    return path


def test_without_anything_there_are_the_defaults() -> None:
    settings, environment, file = read_context()
    assert (settings.server.port, file) == (8080, None)
    assert "PATH" in environment


def test_the_option_beats_the_variable_which_beats_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "pointsman.toml", 1)
    assert read_context().settings.server.port == 1
    monkeypatch.setenv("POINTSMAN_CONFIG", str(write(tmp_path / "named.toml", 2)))
    assert read_context().settings.server.port == 2
    assert read_context(write(tmp_path / "given.toml", 3)).settings.server.port == 3


def test_options_beat_variables_which_beat_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "pointsman.toml", 1)
    monkeypatch.setenv("POINTSMAN_SERVER__PORT", "2")
    server = read_context(overrides={"server.admin_port": None}).settings.server
    assert (server.port, server.admin_port) == (2, 1)
    assert read_context(overrides={"server.port": 3}).settings.server.port == 3


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        read_context(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("fd00::1", "http://[fd00::1]:80"),
        ("gateway.local", "http://gateway.local:80"),
    ],
)
def test_where_a_gateway_is_reached(host: str, url: str) -> None:
    settings = read_context(overrides={"server.host": host, "server.port": 80}).settings
    assert gateway_url(settings) == url
