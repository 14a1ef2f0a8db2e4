from __future__ import annotations

from typing import Any

import pytest

from pointsman.dialects.shape import Shape, anything, array, by, either, nothing, record, scalar

PAIR = record({"a": scalar, "b": array(scalar)})
KINDS = by("type", {"x": record({"type": scalar, "a": scalar}), None: record({"a": scalar})})


@pytest.mark.parametrize(
    ("shape", "value", "fits"),
    [
        (anything, {"a": [1]}, True),
        (nothing, 1, False),
        (scalar, "a", True),
        (scalar, 1.5, True),
        (scalar, [], False),
        (scalar, {}, False),
        (array(scalar), [1, "a", True], True),
        (array(scalar), [1, []], False),
        (array(scalar), "ab", False),
        (either(scalar, array(scalar)), [1], True),
        (either(scalar, array(scalar)), {}, False),
        (PAIR, {}, True),
        (PAIR, {"a": 1, "b": [2]}, True),
        (PAIR, {"a": 1, "c": 1}, False),
        (PAIR, {"a": 1, "c": None}, True),
        (PAIR, {"b": 1}, False),
        (PAIR, [], False),
        (KINDS, {"type": "x", "a": 1}, True),
        (KINDS, {"a": 1}, True),
        (KINDS, {"type": "y", "a": 1}, False),
        (KINDS, {"type": ["x"], "a": 1}, False),
        (KINDS, "x", False),
    ],
)
def test_what_fits(shape: Shape, value: Any, fits: bool) -> None:
    assert shape(value) is fits
