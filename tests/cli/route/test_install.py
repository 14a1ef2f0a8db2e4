"""``tests/cli/route/test_status.py`` puts routers in service; here is that the command says what it takes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pointsman.cli.main import run
from pointsman.routing.evidence.certificate import encode_certificate
from tests.support.routers import certified


@pytest.mark.parametrize("command", ["install", "status"])
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["route", command, "--help"], environ={}, stderr=io.StringIO()) == 0
    assert "--config" in capsys.readouterr().out


def test_a_certificate_that_was_withdrawn_comes_back_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, file = tmp_path / "pointsman.toml", tmp_path / "certificate.json"
    config.write_text('[auto.default]\npool = ["gpt-6-luna", "gpt-6-sol"]\n', encoding="utf-8")
    file.write_bytes(encode_certificate(certified(("gpt-6-luna", "gpt-6-sol"))))
    where = ("--db", str(tmp_path / "a.db"), "--config", str(config))

    def call(*arguments: str) -> str:
        assert run(["route", *arguments, *where], environ={}, stderr=io.StringIO()) == 0
        return capsys.readouterr().out

    install = ("install", "default", "--certificate", str(file))
    assert "withdrawn" not in call(*install)
    assert "withdrawn" not in call(*install)
    call("withdraw", "default", "--why", "Prompts are not what they were.")
    assert "It was withdrawn before: Prompts are not what they were. Unless" in call(*install)
