from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pointsman.caching.semantic.certificate import encode_certificate
from pointsman.catalog import Catalog
from pointsman.cli.doctor.findings_semantic import semantic
from pointsman.config.semantic import SemanticSettings
from pointsman.gateway.call.planner import Planner
from pointsman.providers import Provider
from tests.support.models import a_model
from tests.support.semantic import a_certificate

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLANNER = Planner(
    Catalog((a_model("faq"), a_model("e"), a_model("claude", provider="zeta"))),
    (
        Provider(name="acme", dialect="openai_chat", base_url="https://acme/v1", model_names={"e": "e-1"}),
        Provider(name="zeta", dialect="anthropic_messages", base_url="https://zeta"),
    ),
)


@pytest.mark.parametrize(
    ("certificate", "given", "enabled", "level", "told"),
    [
        (a_certificate("faq"), {}, True, "good", "from 0.6 on, certified until"),
        (
            a_certificate("faq", vectors="model:acme/e-1"),
            {"vectors": "model:e"},
            True,
            "good",
            "certified until",
        ),
        (
            a_certificate("faq", vectors="model:acme/e-2"),
            {"vectors": "model:e"},
            True,
            "doubtful",
            "other vectors",
        ),
        (a_certificate("faq"), {"vectors": "model:claude"}, True, "wrong", "which speaks anthropic_messages"),
        (a_certificate("faq"), {"vectors": "model:nobody"}, True, "wrong", "nobody"),
        (a_certificate("faq"), {"vectors": "hub:x"}, True, "wrong", 'expected "wordllama"'),
        (
            a_certificate("faq"),
            {"vectors": "wordllama"},
            True,
            "doubtful",
            "other vectors (lexical-2, not wordllama",
        ),
        (a_certificate("faq", guards=1), {}, True, "doubtful", "version 1 of the guards"),
        (a_certificate("faq"), {"synonyms": True}, True, "doubtful", "synonyms refused"),
        (None, {}, True, "doubtful", "gives nothing: there is no certificate at"),
        (a_certificate("faq", expires_at=NOW), {}, True, "doubtful", "gives nothing: it expired on"),
        (a_certificate("faq"), {"vectors": "file:/nowhere"}, True, "wrong", "/nowhere cannot be used"),
        (a_certificate("faq"), {}, False, "wrong", "which is off"),
    ],
)
def test_whether_similar_questions_are_answered(
    tmp_path: Path, certificate: Any, given: dict[str, Any], enabled: bool, level: str, told: str
) -> None:
    if certificate is not None:
        (tmp_path / "semantic-faq.json").write_bytes(encode_certificate(certificate))
    settings = {"faq": SemanticSettings(**{"vectors": "lexical"} | given)}
    (found,) = semantic(settings, PLANNER, enabled=enabled, folder=tmp_path, now=NOW)
    assert (found.level, found.subject) == (level, "cache.semantic.faq")
    assert told in found.message


def test_a_name_that_nobody_can_ask_for(tmp_path: Path) -> None:
    settings = {"fqa": SemanticSettings(vectors="lexical")}
    (found,) = semantic(settings, PLANNER, enabled=True, folder=tmp_path, now=NOW)
    assert (found.level, found.subject) == ("wrong", "cache.semantic.fqa") and "fqa" in found.message
