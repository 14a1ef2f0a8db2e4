from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pointsman.caching.semantic.certificate import encode_certificate
from pointsman.cli.doctor.findings_semantic import semantic
from pointsman.config.semantic import SemanticSettings
from tests.support.semantic import a_certificate

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("certificate", "given", "enabled", "level", "told"),
    [
        (a_certificate("faq"), {}, True, "good", "from 0.6 on, certified until"),
        (a_certificate("faq", vectors="model:a/b"), {"vectors": "model:b"}, True, "good", "certified until"),
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
    (found,) = semantic(
        {"faq": SemanticSettings(**{"vectors": "lexical"} | given)}, enabled=enabled, folder=tmp_path, now=NOW
    )
    assert (found.level, found.subject) == (level, "cache.semantic.faq")
    assert told in found.message
