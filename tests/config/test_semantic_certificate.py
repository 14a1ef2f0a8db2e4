from __future__ import annotations

from pathlib import Path

from pointsman.caching.semantic.certificate import encode_certificate
from pointsman.config.semantic import SemanticSettings
from pointsman.config.semantic_certificate import certificate_path, read_certificate
from tests.support.semantic import a_certificate


def test_where_a_certificate_lies(tmp_path: Path) -> None:
    assert certificate_path("auto:x/y", SemanticSettings(), tmp_path).name == "semantic-auto-x-y.json"
    placed = SemanticSettings(certificate=str(tmp_path / "c.json"))
    assert certificate_path("faq", placed, Path("elsewhere")) == tmp_path / "c.json"


def test_a_certificate_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    assert read_certificate(file) == (None, f"there is no certificate at {file}")
    file.write_bytes(b"{}")
    assert "is not valid" in read_certificate(file)[1]
    assert "cannot be read" in read_certificate(tmp_path)[1]
    file.write_bytes(encode_certificate(a_certificate()))
    assert read_certificate(file) == (a_certificate(), "")
