from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pointsman.caching.semantic.lexical import cosine
from pointsman.config.semantic_vectors import Source, local_vectors, vector_source
from pointsman.errors import ConfigurationError
from tests.support.static_vectors import word_vectors, write_model2vec


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ("wordllama", Source("wordllama")),
        ("lexical", Source("lexical")),
        ("file:/a:b", Source("file", "/a:b")),
        ("model:text-embedding-3-small", Source("model", "text-embedding-3-small")),
    ],
)
def test_four_kinds_of_vectors(given: str, source: Source) -> None:
    assert vector_source(given, "x") == source


@pytest.mark.parametrize("given", ["", "glove", "file:", "model:", "hub:potion"])
def test_others_are_refused(given: str) -> None:
    with pytest.raises(ConfigurationError, match=r'cache\.semantic\.faq\.vectors: expected "wordllama"'):
        vector_source(given, "cache.semantic.faq.vectors")


def test_what_the_extra_brings_knows_words_of_one_meaning() -> None:
    """The real files, as they come from the package index."""
    identity, vector = local_vectors(Source("wordllama"), "x")
    assert identity.startswith("wordllama-1:")
    one = vector("How do I fix a flat tire?")
    assert sum(value * value for value in one) == pytest.approx(1, abs=1e-5)
    assert cosine(one, vector("how do i FIX a flat\n tire")) == pytest.approx(1, abs=1e-5)
    repaired, eaten = vector("How do I repair a flat tire?"), vector("How do I eat a flat tire?")
    assert cosine(one, repaired) > 0.9 > cosine(one, eaten)
    assert not any(vector("?!"))
    assert "wordllama" not in sys.modules


def test_files_are_read(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_bytes(word_vectors())
    folder = write_model2vec(tmp_path / "model")
    kinds = [local_vectors(Source("file", str(place)), "x")[0].partition(":")[0] for place in (words, folder)]
    assert kinds == ["words", "model2vec"]
    assert local_vectors(Source("lexical"), "x")[0] == "lexical-2"


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("no vectors here\n")
    for place in (tmp_path / "none.txt", tmp_path / "bad.txt", tmp_path):
        with pytest.raises(ConfigurationError, match=r"^x: .* cannot be used"):
            local_vectors(Source("file", str(place)), "x")
