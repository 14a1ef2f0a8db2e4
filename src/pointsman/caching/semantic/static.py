"""Static vectors: a text's is the weighted mean of those of its words or pieces. Pure: bytes in.

Three kinds of files are read:

- *WordLlama*: the safetensors file of the package of that name with ``embedding.weight``, and its tokenizer.
- *Model2Vec*: ``model.safetensors`` with ``embeddings`` (and, where there are, ``weights`` and ``mapping``),
  and ``tokenizer.json``. Their weights are in the vectors already.
- *Word vectors as text*, as word2vec, GloVe and fastText write them: a word and its numbers on each line, the
  most frequent first. There a word of rank r weighs a / (a + p), with p its frequency by Zipf's law, as in
  S. Arora and others, "A simple but tough-to-beat baseline for sentence embeddings", 2017 (a = 0.001).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pointsman.errors import InvalidRequest

from .courtesy import POLITE
from .safetensors import read_tensors
from .tables import SMALL_WORDS
from .tokenizers import Pieces

MOST_WORDS = 400_000
_LEAST = 1e-3
_LIGHT = 0.3
"""Weight of a function word. The guards look at those that matter, and what is alike in all questions says
nothing of how close two are."""
_WORD = re.compile(r"\w+(?:'\w+)?")
Matrix = NDArray[np.float32]
Table = NDArray[Any]


class WordLlama:
    """Capitals, signs and the order of words make no difference.

    Raises InvalidRequest where the files cannot be read, or do not fit together.
    """

    def __init__(self, safetensors: bytes, tokenizer_json: bytes) -> None:
        self._table = _table(safetensors, "embedding.weight", "WordLlama")
        self._pieces = Pieces(tokenizer_json)
        self._weights = np.zeros(len(self._table), np.float32)
        for piece, number in self._pieces.vocabulary.items():
            if number >= len(self._table):
                raise InvalidRequest("The tokenizer has more pieces than the safetensors file has vectors.")
            word = piece.removeprefix("▁").lower()
            light = word in SMALL_WORDS or word in POLITE
            self._weights[number] = _LIGHT if light else float(any(map(str.isalnum, word)))
        self.identity = f"wordllama-1:{_digest(safetensors, tokenizer_json)}"

    def vector(self, text: str) -> list[float]:
        """Of length 1; all zeros where no piece is known."""
        ids = self._pieces.ids(" ".join(text.lower().split()))
        return _unit(self._weights[ids] @ self._table[ids].astype(np.float32))


class Model2Vec:
    """Raises InvalidRequest where the files cannot be read, or do not fit together."""

    def __init__(self, safetensors: bytes, tokenizer_json: bytes) -> None:
        tensors = read_tensors(safetensors)
        self._table = _table(safetensors, "embeddings", "Model2Vec")
        self._pieces = Pieces(tokenizer_json)
        mapping, weights = tensors.get("mapping"), tensors.get("weights")
        self._mapping = None if mapping is None else np.asarray(mapping, np.int64)
        self._weights = None if weights is None else np.asarray(weights, np.float32)
        rows = len(self._table) if self._mapping is None else len(self._mapping)
        if rows < len(self._pieces.vocabulary) or (
            self._mapping is not None and self._mapping.max() >= len(self._table)
        ):
            raise InvalidRequest("The tokenizer has more pieces than the safetensors file has vectors.")
        self.identity = f"model2vec:{_digest(safetensors, tokenizer_json)}"

    def vector(self, text: str) -> list[float]:
        """Of length 1; all zeros where no piece is known."""
        ids = np.asarray(self._pieces.ids(text), np.int64)
        rows = self._table[ids if self._mapping is None else self._mapping[ids]].astype(np.float32)
        if self._weights is not None:
            rows = rows * self._weights[ids][:, None]
        return _unit(rows.sum(axis=0))


class WordVectors:
    """Raises InvalidRequest where a line is no word with numbers. The first line may be word2vec's head."""

    def __init__(self, text: bytes) -> None:
        words: dict[str, int] = {}
        rows: list[Matrix] = []
        lines = text.splitlines()
        head = lines[0].split() if lines else []
        if len(head) == 2 and all(part.isdigit() for part in head):
            lines = lines[1:]
        for number, line in enumerate(lines[:MOST_WORDS], 1):
            word, _, numbers = line.rstrip().partition(b" ")
            try:
                row = np.array(numbers.split(), np.float32)
                name = word.decode()
            except (ValueError, UnicodeDecodeError) as error:
                raise InvalidRequest(f"Vector {number}: this is no word with numbers behind it.") from error
            if not len(row) or (rows and len(row) != len(rows[0])):
                raise InvalidRequest(f"Vector {number} ({name}) has {len(row)} numbers, unlike the first.")
            if name not in words:
                words[name] = len(rows)
                rows.append(row)
        if not rows:
            raise InvalidRequest("There are no word vectors in the file.")
        self._words = words
        harmonic = log(len(rows)) + 0.5772
        chance = 1 / (np.arange(1, len(rows) + 1, dtype=np.float32) * harmonic)
        self._table: Matrix = np.stack(rows) * (_LEAST / (_LEAST + chance))[:, None].astype(np.float32)
        self.identity = f"words:{_digest(text)}"

    def vector(self, text: str) -> list[float]:
        """Of length 1; all zeros where no word is known."""
        found = [at for word in _WORD.findall(text) if (at := self._row(word)) is not None]
        if not found:
            return [0.0] * self._table.shape[1]
        return _unit(self._table[found].mean(axis=0))

    def _row(self, word: str) -> int | None:
        at = self._words.get(word)
        return self._words.get(word.lower()) if at is None else at


def _table(safetensors: bytes, name: str, kind: str) -> Table:
    """As it is in the file: half the memory, where its numbers have 16 bits."""
    table = read_tensors(safetensors).get(name)
    if table is None or table.ndim != 2:
        raise InvalidRequest(f"The safetensors file has no table called {name}: it is no {kind}.")
    return table


def _digest(*files: bytes) -> str:
    digest = blake2b(digest_size=10)
    for file in files:
        digest.update(file)
    return digest.hexdigest()


def _unit(vector: Matrix) -> list[float]:
    length = float(np.linalg.norm(vector))
    return [float(value) for value in vector / length] if length else [0.0] * len(vector)
