from __future__ import annotations

import io
import json

import pytest

from pointsman.cli.main import run


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["presets"], environ={}, stderr=io.StringIO()) == 0
    out = capsys.readouterr().out
    assert "long-document-analysis" in out
    assert "preset:NAME" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["presets", "--json"], environ={}, stderr=io.StringIO()) == 0
    presets = json.loads(capsys.readouterr().out)
    assert [preset["name"] for preset in presets][:2] == ["code-generation", "creative-writing"]
