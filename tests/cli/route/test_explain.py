"""``tests/cli/route/test_status.py`` explains prompts; here is that the command says what it takes."""

from __future__ import annotations

import io

import pytest

from pointsman.cli.main import run


@pytest.mark.parametrize("command", ["explain"])
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["route", command, "--help"], environ={}, stderr=io.StringIO()) == 0
    assert "--config" in capsys.readouterr().out
