from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from pointsman.caching.semantic.safetensors import read_tensors
from pointsman.errors import InvalidRequest
from tests.support.static_vectors import safetensors


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i4", "i8"])
def test_tensors_come_back(kind: str) -> None:
    given = np.arange(6).reshape(2, 3).astype(kind)
    found = read_tensors(safetensors({"a": given, "b": given[0]}))
    assert np.array_equal(found["a"], given) and found["a"].dtype == given.dtype
    assert np.array_equal(found["b"], given[0])


def head(**tensor: Any) -> bytes:
    header = msgspec.json.encode({"__metadata__": {"x": "y"}, "a": tensor})
    return len(header).to_bytes(8, "little") + header + b"\0" * 8


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no safetensors"),
        (b"\xff" * 40, "no safetensors"),
        (head(dtype="BF16", shape=[1], data_offsets=[0, 2]), "of the kind BF16"),
        (head(dtype="F32", shape=[2], data_offsets=[0, 4]), "does not fit"),
        (head(dtype="F32", shape=[4], data_offsets=[0, 16]), "does not fit"),
        (head(dtype="F32", shape=[-1], data_offsets=[4, 0]), "does not fit"),
    ],
)
def test_files_that_are_none_or_cut(data: bytes, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        read_tensors(data)
