from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pointsman.errors import ConfigurationError
from tests.support.gateway import Rig
from tests.support.provider_bytes import ANTHROPIC_MODEL, OPENAI_MODEL
from tests.support.semantic import semantic_settings
from tests.support.static_vectors import word_vectors


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
