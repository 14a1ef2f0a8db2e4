from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pointsman.caching.semantic.lexical import cosine
from pointsman.caching.semantic.static import Model2Vec, WordLlama, WordVectors
from pointsman.errors import InvalidRequest
from tests.support.static_vectors import model2vec, safetensors, tokenizer_json, word_vectors

Vector = Callable[[str], list[float]]


@pytest.mark.parametrize(
    "vector",
    [
        WordVectors(word_vectors()).vector,
        WordVectors(word_vectors(head=True)).vector,
        Model2Vec(*model2vec()).vector,
    ],
)
def test_other_words_of_one_meaning_are_close(vector: Vector) -> None:
    one = vector("Reset the password!")
    assert sum(value * value for value in one) == pytest.approx(1)
    assert cosine(one, vector("recover my passcode")) > 0.95
    assert cosine(one, vector("send an invoice")) < 0.3
    assert not any(vector("nothing known here"))


def test_identities_are_those_of_the_files() -> None:
    assert WordVectors(word_vectors()).identity == WordVectors(word_vectors()).identity
    assert WordVectors(word_vectors()).identity != WordVectors(word_vectors(head=True)).identity
    assert Model2Vec(*model2vec()).identity.startswith("model2vec:")


def test_weights_and_mapping_are_heeded() -> None:
    plain = Model2Vec(*model2vec())
    count = 10
    weights = np.ones(count, np.float32)
    weights[4] = 0.0
    light = Model2Vec(*model2vec(weights=weights))
    assert light.vector("reset password") == pytest.approx(plain.vector("reset"), abs=1e-6)
    mapping = np.arange(count)
    mapping[[1, 4]] = mapping[[4, 1]]
    turned = Model2Vec(*model2vec(mapping=mapping))
    assert turned.vector("reset") == pytest.approx(plain.vector("password"), abs=1e-6)


def test_function_words_weigh_little_and_signs_nothing() -> None:
    vocabulary = {"[UNK]": 0, "the": 1, "cat": 2, "?": 3}
    table = np.array([[9, 9, 9], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float16)
    llama = WordLlama(safetensors({"embedding.weight": table}), tokenizer_json(vocabulary))
    assert llama.vector("The cat???") == pytest.approx([0.2873, 0.9578, 0], abs=1e-3)
    assert llama.vector("?") == [0, 0, 0]


def test_files_that_do_not_fit_together() -> None:
    tensors, tokenizer = model2vec()
    with pytest.raises(InvalidRequest, match=r"no table called embedding\.weight"):
        WordLlama(tensors, tokenizer)
    with pytest.raises(InvalidRequest, match="more pieces"):
        WordLlama(safetensors({"embedding.weight": np.ones((2, 2), np.float32)}), tokenizer)
    with pytest.raises(InvalidRequest, match="no table called embeddings"):
        Model2Vec(safetensors({"other": np.ones((2, 2), np.float32)}), tokenizer)
    with pytest.raises(InvalidRequest, match="more pieces"):
        Model2Vec(safetensors({"embeddings": np.ones((2, 2), np.float32)}), tokenizer)
    with pytest.raises(InvalidRequest, match="more pieces"):
        Model2Vec(model2vec(mapping=np.full(10, 99))[0], tokenizer)
    assert len(tensors) > 100


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "no word vectors"),
        (b"a 1 2\nb 1\n", "Vector 2"),
        (b"a x\n", "Vector 1"),
        (b"word\n", "has 0 numbers"),
    ],
)
def test_text_that_holds_no_vectors(text: bytes, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        WordVectors(text)
