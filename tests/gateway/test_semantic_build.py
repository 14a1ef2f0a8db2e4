from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pointsman.caching.semantic.certificate import encode_certificate
from pointsman.config.semantic import SemanticSettings
from pointsman.errors import ConfigurationError
from pointsman.gateway.semantic_build import certificate_path, read_certificate
from tests.support.gateway import Rig
from tests.support.provider_bytes import ANTHROPIC_MODEL, OPENAI_MODEL
from tests.support.semantic import a_certificate, semantic_settings
from tests.support.static_vectors import word_vectors


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


@pytest.mark.parametrize(
    ("route", "given", "told"),
    [
        ("nobody", {}, "cache.semantic.nobody: The model 'nobody' is not known"),
        (OPENAI_MODEL, {"vectors": "model:nobody"}, "vectors: The model 'nobody' is not known"),
        (OPENAI_MODEL, {"vectors": f"model:{ANTHROPIC_MODEL}"}, "speaks anthropic_messages"),
        (OPENAI_MODEL, {"vectors": "file:/nowhere"}, "/nowhere cannot be used"),
    ],
)
def test_settings_that_lead_nowhere(tmp_path: Path, route: str, given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Rig(given=semantic_settings(tmp_path, route, **given))


def test_it_needs_the_answer_cache(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"set cache\.enabled = true too"):
        Rig(given=semantic_settings(tmp_path, OPENAI_MODEL, cache={"enabled": False}))


def test_word_vectors_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(word_vectors())
    rig = Rig(given=semantic_settings(tmp_path, OPENAI_MODEL, vectors=f"file:{tmp_path / 'words.txt'}"))
    assert rig.gateway.cache is not None
    view = rig.gateway.cache.view().semantic[OPENAI_MODEL]
    assert view.vectors.startswith("words:") and not view.on
