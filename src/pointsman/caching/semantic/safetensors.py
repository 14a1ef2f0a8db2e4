"""Tensors of a ``.safetensors`` file: 8 bytes that tell the length of a JSON header, the header, the numbers.
Pure.

https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

from math import prod
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pointsman.errors import InvalidRequest

_KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}


class _Tensor(msgspec.Struct):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def read_tensors(data: bytes) -> dict[str, NDArray[Any]]:
    """Raises InvalidRequest for bytes that are no such file, or have numbers of a kind that is not known."""
    length = int.from_bytes(data[:8], "little")
    body = memoryview(data)[8 + length :]
    try:
        header = msgspec.json.decode(data[8 : 8 + length], type=dict[str, msgspec.Raw])
        header.pop("__metadata__", None)
        told = {name: msgspec.json.decode(raw, type=_Tensor) for name, raw in header.items()}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"This is no safetensors file: {error}.") from error
    found: dict[str, NDArray[Any]] = {}
    for name, tensor in told.items():
        kind = _KINDS.get(tensor.dtype)
        if kind is None:
            known = ", ".join(_KINDS)
            raise InvalidRequest(f"The tensor {name} is of the kind {tensor.dtype}; known are {known}.")
        start, end = tensor.data_offsets
        if not 0 <= start <= end <= len(body) or end - start != prod(tensor.shape) * np.dtype(kind).itemsize:
            raise InvalidRequest(f"The tensor {name} does not fit in the file: it is cut, or was changed.")
        found[name] = np.frombuffer(body[start:end], kind).reshape(tensor.shape)
    return found
