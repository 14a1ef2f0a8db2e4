from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.cli.main import run


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["roi", *arguments], environ={}, stderr=stderr), stderr.getvalue()


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def test_alone_it_shows_the_tables_of_the_article(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == (0, "")
    out = capsys.readouterr().out
    for words in (
        "18.50  45.00",
        "0.85  1.425",
        "4,200.00  7,800.00",
        "1,890.00  7,488.00",
        "55 %       4 %",
    ):
        assert words in out
    assert "its part" not in out


def test_a_mix_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--mix", "opus-4=10,sonnet-4=30,haiku-4=60") == (0, "")
    out = capsys.readouterr().out
    assert "7,488.00" in out and "saves $312.00: 4 %" in out
    assert "To save 40 %" in out and "To save 60 %" in out
    assert "claude-opus-4-20250514 was retired" in out
    assert "printed" not in out
    assert call("--calls", "10", "--article") == (0, "")
    out = capsys.readouterr().out
    assert "printed" in out and "10 calls of 600 tokens in and 400 out" in out


def test_json_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--calls", "3", "--input", "1", "--output", "0", "--mix", "opus-4=2,haiku-4=1")
    assert call(*arguments, "--save", "50", "--json") == (0, "")
    data = json.loads(capsys.readouterr().out)
    assert (data["calls"], data["input_tokens"], data["output_tokens"]) == (3, 1, 0)
    assert [(m["model"], m["calls"], m["cost_usd"]) for m in data["models"]] == [
        ("opus-4", 2, "0.00003"),
        ("haiku-4", 1, "0.0000008"),
    ]
    assert (data["mix_usd"], data["baseline"], data["saved_usd"]) == ("0.0000308", "opus-4", "0.0000142")
    assert [target["saving"] for target in data["reaching"]] == [0.5]
    assert data["article"]["roi"]["right"]["mix_usd"] == "7488"
    assert data["article"]["estimate_savings"]["saved_in_365_days_usd"] == "876"


def test_against_a_model_that_is_not_in_the_mix(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--mix", "claude-haiku-4-5=1", "--against", "claude-opus-5-5", "--json") == (0, "")
    data = json.loads(capsys.readouterr().out)
    assert (data["baseline"], data["baseline_usd"], data["mix_usd"]) == ("claude-opus-5-5", "10400", "2600")
    assert data["saving"] == 0.75


def test_models_of_the_settings_have_their_prices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "pointsman.toml"
    settings.write_text(
        '[providers.mine]\nbase_url = "http://127.0.0.1:1/v1"\ndialect = "openai"\n'
        '[models.llama]\nprovider = "mine"\ncontext_window = 8000\nprices = {input = 0.1, output = 0.2}\n'
    )
    assert call("--mix", "llama=1,sonnet-4=0", "--json") == (0, "")
    data = json.loads(capsys.readouterr().out)
    assert (data["mix_usd"], data["baseline"]) == ("140", "sonnet-4")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--mix", "opus-4"), "write MODEL=SHARE"),
        (("--mix", "sonet-4=1"), "No model sonet-4 in the catalog. Near it: sonnet-4"),
        (("--mix", "opus-4=1", "--against", "x"), "No model x in the catalog. See all"),
        (("--mix", "gpt-6.2-sol=1", "--save", "0"), "is no saving"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    code, said = call(*arguments)
    assert code == 2
    assert message in said and len(said.splitlines()) == 1
