from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.config import kinds


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (kinds.Port, 65535, 65536),
        (kinds.Count, 1, 0),
        (kinds.Seconds, 0, -0.1),
        (kinds.Share, 1, 1.1),
        (kinds.Text, "x", ""),
        (kinds.Number, "0.5", None),
    ],
)
def test_what_values_may_be(kind: Any, good: object, bad: object) -> None:
    assert msgspec.convert(good, kind) == good
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, kind)
