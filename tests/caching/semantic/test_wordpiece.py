from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.caching.semantic.wordpiece import WordPiece
from pointsman.errors import InvalidRequest

VOCABULARY = {
    "[UNK]": 0,
    "reset": 1,
    "##ting": 2,
    "pass": 3,
    "##word": 4,
    "?": 5,
    "cafe": 6,
    "密": 7,
    "my": 8,
}


def tokenizer(**more: Any) -> bytes:
    return msgspec.json.encode(
        {
            "version": "1.0",
            "normalizer": {"type": "BertNormalizer", "lowercase": True, "strip_accents": None},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordPiece", "vocab": VOCABULARY, "unk_token": "[UNK]"},
        }
        | more
    )


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Resetting my password?", [1, 2, 8, 3, 4, 5]),
        ("Café", [6]),
        ("密密", [7, 7]),
        ("passport my", [8]),
        ("re\u200bset\t\n", [1]),
        ("", []),
        ("my" * 60, []),
    ],
)
def test_the_longest_piece_first(text: str, ids: list[int]) -> None:
    assert WordPiece(tokenizer()).ids(text) == ids


def test_capitals_and_accents_stay_where_the_file_says_so() -> None:
    cased = tokenizer(normalizer={"type": "BertNormalizer", "lowercase": False})
    assert WordPiece(cased).ids("Reset reset café") == [1]
    assert len(WordPiece(cased)) == len(VOCABULARY)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "cannot be read"),
        (tokenizer(model={"type": "Unigram", "vocab": [["a", 0.1]]}), "of another kind"),
        (tokenizer(normalizer=None), "of another kind"),
        (tokenizer(pre_tokenizer={"type": "Metaspace"}), "of another kind"),
    ],
)
def test_other_kinds_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        WordPiece(data)
