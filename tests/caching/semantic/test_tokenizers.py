from __future__ import annotations

import pytest

from pointsman.caching.semantic.tokenizers import Pieces
from pointsman.errors import InvalidRequest
from tests.support.static_vectors import tokenizer_json

VOCABULARY = {"[UNK]": 0, "reset": 1, "##ting": 2, "pass": 3, "##word": 4, "?": 5, "密": 6, "my": 7}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Resetting my password?", [1, 2, 7, 3, 4, 5]),
        ("密密", [6, 6]),
        ("passport my", [7]),
        ("", []),
    ],
)
def test_what_is_not_known_has_no_number(text: str, ids: list[int]) -> None:
    pieces = Pieces(tokenizer_json(VOCABULARY))
    assert pieces.ids(text) == ids and pieces.vocabulary == VOCABULARY


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"model": {"type": "Other"}}'])
def test_what_is_no_tokenizer(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match=r"tokenizer\.json cannot be read"):
        Pieces(data)
