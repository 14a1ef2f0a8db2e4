"""``pointsman cache explain``, here and against a running gateway."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest

from pointsman.admin import admin_app
from pointsman.cli.main import run
from tests.support.gateway import Rig
from tests.support.provider_bytes import OPENAI_MODEL
from tests.support.semantic import a_certificate, semantic_settings
from tests.support.servers import serve
from tests.support.static_vectors import word_vectors

ONE, OTHER = "How do I reset my password?", "How can I reset my password?"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POINTSMAN_CONFIG", raising=False)


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["cache", "explain", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def test_it_needs_nothing_but_two_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(ONE, OTHER, "--threshold", "0.8") == (0, "")
    text = capsys.readouterr().out
    assert "by wordllama-1:" in text and ", threshold 0.8" in text
    assert "✓ numbers" in text and "A hit: " in text
    assert call(ONE, "How do I reset 2 passwords?") == (0, "")
    text = capsys.readouterr().out
    assert "✗ numbers    nothing | 2" in text and "threshold none" in text


def test_vectors_of_a_file_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "words.txt").write_bytes(word_vectors())
    arguments = ("reset the Password", "recover the Password", "--vectors", "file:words.txt", "--json")
    assert call(*arguments) == (0, "")
    told = json.loads(capsys.readouterr().out)
    assert told["similarity"] > 0.9 and told["vectors"].startswith("words:") and told["hit"] is False
    assert told["guards"][0]["guard"] == "literals"


def test_a_route_has_its_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pointsman.toml").write_text('[cache.semantic.faq]\ncertificate = "none.json"\n')
    assert call(ONE, OTHER, "--route", "faq") == (0, "")
    assert "No hit: there is no certificate at none.json" in capsys.readouterr().out
    code, message = call(ONE, OTHER, "--route", "other")
    assert code == 2 and "There are: faq" in message
    assert call(ONE, OTHER, "--route", "faq", "--vectors", "lexical")[0] == 2
    assert call(ONE, OTHER, "--url", "http://127.0.0.1:1")[0] == 2
    assert call(ONE, OTHER, "--url", "http://127.0.0.1:1", "--route", "faq")[0] == 1


async def test_a_running_gateway_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = semantic_settings(tmp_path, OPENAI_MODEL, certificate=a_certificate(OPENAI_MODEL))
    gateway = Rig(given=given).gateway
    assert gateway.cache is not None
    app = admin_app(gateway.metrics, lambda: None, purge=gateway.cache.purge, compare=gateway.cache.compare)
    async with serve(app) as base:
        asked = (ONE, OTHER, "--route", OPENAI_MODEL, "--url", base)
        assert await asyncio.to_thread(call, *asked) == (0, "")
        assert "threshold 0.6" in capsys.readouterr().out
        code, message = await asyncio.to_thread(call, ONE, OTHER, "--route", "faq", "--url", base)
        assert code == 1 and f"There are: {OPENAI_MODEL}" in message
    async with serve(admin_app(gateway.metrics, lambda: None)) as base:
        code, message = await asyncio.to_thread(call, *asked[:4], "--url", base)
        assert code == 1 and "has no semantic cache" in message
