from __future__ import annotations

import pytest

from pointsman.caching.semantic.pairs import Pair, read_pairs
from pointsman.errors import InvalidRequest
from tests.support.semantic import labelled_pairs


def test_lines_are_read_and_empty_ones_passed_over() -> None:
    data = b'{"a": "x", "b": "y", "same": true}\n\n{"a": "x", "b": "z", "same": false, "answer": "no"}\n'
    assert read_pairs(data, "f") == [Pair("x", "y", True), Pair("x", "z", False)]


@pytest.mark.parametrize("line", [b"{", b'{"a": "x"}', b'{"a": 1, "b": "y", "same": true}', b"\xff"])
def test_a_line_that_is_no_pair_is_named(line: bytes) -> None:
    with pytest.raises(InvalidRequest, match=r'f\.jsonl, line 2: this is no pair: .*"same": true}'):
        read_pairs(b'{"a": "x", "b": "y", "same": true}\n' + line, "f.jsonl")


def test_the_labelled_pairs_are_varied() -> None:
    pairs = labelled_pairs()
    assert len({(pair.a, pair.b) for pair in pairs}) == len(pairs) >= 250
