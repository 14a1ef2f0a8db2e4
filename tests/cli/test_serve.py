from __future__ import annotations

import inspect
from pathlib import Path

from pointsman.cli.serve import serve
from tests.support.processes import ended


def test_options_that_are_not_given_are_left_to_the_settings() -> None:
    """None is "not given": a default here would win over the settings file."""
    defaults = {name: each.default for name, each in inspect.signature(serve).parameters.items()}
    assert defaults == {"config": None, "host": None, "port": None, "admin_port": None}


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('[server]\nhost = "127.0.0.1"\n')
    refused = ended("serve", "--config", str(file), "--host", "0.0.0.0", home=tmp_path)
    assert (refused.returncode, "0.0.0.0" in refused.stderr) == (2, True)


def test_a_wrong_port_is_named(tmp_path: Path) -> None:
    refused = ended("serve", "--port", "70000", home=tmp_path)
    assert refused.returncode == 2
    assert "server.port" in refused.stderr
