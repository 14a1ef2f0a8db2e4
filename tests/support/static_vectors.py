"""Tiny static vectors, made the same each time: words of one meaning point in one direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

MEANINGS = (
    ("reset", "restore", "recover"),
    ("password", "passcode", "login"),
    ("invoice", "bill"),
    ("send",),
)
_KINDS = {"f2": "F16", "f4": "F32", "f8": "F64", "i4": "I32", "i8": "I64"}


def word_vectors(head: bool = False) -> bytes:
    """As word2vec and GloVe write them."""
    lines = [
        " ".join([word, *(f"{value:.3f}" for value in _vector(meaning, at))])
        for meaning, words in enumerate(MEANINGS)
        for at, word in enumerate(words)
    ]
    start = f"{len(lines)} {len(MEANINGS)}\n" if head else ""
    return (start + "\n".join(lines) + "\n").encode()


def safetensors(tensors: dict[str, NDArray[Any]]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"made": "by a test"}}
    body = b""
    for name, tensor in tensors.items():
        data = tensor.tobytes()
        kind = _KINDS[tensor.dtype.str[1:]]
        header[name] = {
            "dtype": kind,
            "shape": list(tensor.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    written = msgspec.json.encode(header)
    return len(written).to_bytes(8, "little") + written + body


def model2vec(**more: NDArray[Any]) -> tuple[bytes, bytes]:
    """model.safetensors and tokenizer.json."""
    words = [(meaning, at, word) for meaning, group in enumerate(MEANINGS) for at, word in enumerate(group)]
    vocabulary = {"[UNK]": 0} | {word: number for number, (_, _, word) in enumerate(words, 1)}
    rows = [[0.0] * len(MEANINGS)] + [_vector(meaning, at) for meaning, at, _ in words]
    tensors = {"embeddings": np.array(rows, np.float32)} | more
    return safetensors(tensors), tokenizer_json(vocabulary)


def tokenizer_json(vocabulary: dict[str, int]) -> bytes:
    """Of WordPiece, as BERT has it."""
    normalizer = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    model = {"unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    return msgspec.json.encode(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [],
            "normalizer": {"type": "BertNormalizer"} | normalizer,
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": None,
            "decoder": None,
            "model": {"type": "WordPiece", "vocab": vocabulary} | model,
        }
    )


def write_model2vec(folder: Path) -> Path:
    folder.mkdir()
    tensors, tokenizer = model2vec()
    (folder / "model.safetensors").write_bytes(tensors)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    return folder


def _vector(meaning: int, at: int) -> list[float]:
    vector = [0.0] * len(MEANINGS)
    vector[meaning] = 1.0
    vector[(meaning + 1) % len(MEANINGS)] = 0.1 * at
    return vector
