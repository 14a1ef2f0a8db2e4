from __future__ import annotations

import io
import json

import pytest

from pointsman.cli.main import run


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    code = run(["models", *arguments], environ={}, stderr=stderr)
    return code, stderr.getvalue()


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_the_table_hides_what_is_retired(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == (0, "")
    out = capsys.readouterr().out
    assert "claude-opus-5-5" in out
    assert "claude-3-opus-20240229" not in out
    assert "retired ones are not shown: pointsman models --all" in out


def test_all_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--all", "--provider", "anthropic") == (0, "")
    out = capsys.readouterr().out
    assert "claude-3-opus-20240229" in out
    assert "gpt-4o" not in out


def test_json_has_exact_prices(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--json", "--all", "--can", "vision,pdf") == (0, "")
    models = {model["id"]: model for model in json.loads(capsys.readouterr().out)}
    assert models["gpt-5-nano"]["usd_per_million_tokens"]["input"] == "0.05"
    assert "deepseek-v4-pro" not in models


def test_one_model_by_alias(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("opus-4", "--json") == (0, "")
    assert json.loads(capsys.readouterr().out)["id"] == "claude-opus-4-20250514"
    assert call("opus-4") == (0, "")
    assert "its successor is claude-opus-5-5" in " ".join(capsys.readouterr().out.split())


def test_retiring_prints_a_table_or_says_that_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--retiring") == (0, "")
    out = capsys.readouterr().out
    assert "days left" in out or "No model here retires" in out


def test_an_unknown_model_is_answered_with_near_names() -> None:
    code, message = call("gpt4o")
    assert code == 2
    assert message.startswith("pointsman: No model gpt4o in the catalog. Near it: gpt-4o")


@pytest.mark.parametrize("arguments", [("--can", "flying"), ("--provider", "nobody"), ("zzzzzz",)])
def test_what_is_wrong_exits_with_2(arguments: tuple[str, ...]) -> None:
    code, message = call(*arguments)
    assert code == 2
    assert len(message.splitlines()) == 1


def test_nothing_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--provider", "deepseek", "--can", "pdf") == (0, "")
    assert "No model fits" in capsys.readouterr().out
