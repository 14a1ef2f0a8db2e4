"""``pointsman cache certify``: a certificate where pairs show it, else the reason."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.caching.semantic.certificate import decode_certificate
from pointsman.cli.main import run
from tests.support.semantic import PAIRS


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POINTSMAN_CONFIG", raising=False)
    (tmp_path / "pointsman.toml").write_text('[cache.semantic.faq]\ncertificate = "made/faq.json"\n')
    lines = [
        json.dumps({"a": f"How do I reset item {n}?", "b": f"How can I reset item {n}?", "same": True})
        for n in range(110)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["cache", "certify", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def test_enough_pairs_make_a_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("many.jsonl", "--route", "faq", "--max-wrong", "0.05") == (0, "")
    text = capsys.readouterr().out
    assert "Certified: from 0.5 on" in text and "wrong without guards" in text
    made = decode_certificate((tmp_path / "made" / "faq.json").read_bytes())
    assert (made.route, made.hits, made.wrong) == ("faq", 110, 0)
    once = ("--threshold", "0.9", "--max-wrong", "0.05", "--json", "-o", "c.json")
    assert call("many.jsonl", "--route", "faq", *once) == (0, "")
    told = json.loads(capsys.readouterr().out)
    assert told["certified"] and told["threshold"] == 0.9 and told["tried"] == 1
    assert (tmp_path / "c.json").exists()


def test_too_few_do_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "few.jsonl").write_bytes(b"\n".join(PAIRS.read_bytes().splitlines()[:30]))
    assert call("few.jsonl", "--route", "faq") == (1, "")
    assert "Not certified. No threshold is shown" in capsys.readouterr().out
    assert not (tmp_path / "made").exists()
    assert call("few.jsonl", "--route", "faq", "--json")[0] == 1
    assert json.loads(capsys.readouterr().out)["needed"] == 528


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.jsonl", "--route", "faq"), "cannot be read"),
        (("many.jsonl", "--route", "other"), "There are: faq"),
        (("pointsman.toml", "--route", "faq"), "line 1: this is no pair"),
        (("many.jsonl", "--route", "faq", "--max-wrong", "0.05", "-o", "many.jsonl/x"), "cannot be written"),
    ],
)
def test_what_is_wrong_is_named(arguments: tuple[str, ...], told: str) -> None:
    code, message = call(*arguments)
    assert code == 2 and told in message
