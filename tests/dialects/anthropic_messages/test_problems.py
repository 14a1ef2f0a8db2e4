from __future__ import annotations

import msgspec
import pytest

from pointsman.dialects.anthropic_messages.problems import describe, join


class _Inner(msgspec.Struct):
    a: int


class _Outer(msgspec.Struct):
    inner: _Inner
    many: list[_Inner] = []


@pytest.mark.parametrize(
    ("body", "prefix", "path", "words"),
    [
        (b"{}", "", "inner", "Field required"),
        (b"{}", "x[0]", "x[0].inner", "Field required"),
        (b'{"inner":{}}', "", "inner.a", "Field required"),
        (b'{"inner":{"a":1},"many":[{"a":1},{"a":"s"}]}', "", "many[1].a", "Expected `int`, got `str`"),
        (b'{"inner":{"a":1},"many":[{}]}', "x", "x.many[0].a", "Field required"),
        (b"[]", "", "", "Expected `object`, got `array`"),
        (b"[]", "x", "x", "Expected `object`, got `array`"),
    ],
)
def test_a_complaint_has_a_path(body: bytes, prefix: str, path: str, words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=_Outer)
    assert describe(caught.value, prefix) == (path, words)


def test_join() -> None:
    assert [join("", "a"), join("a", ""), join("a", "b"), join("a", "[0].b")] == ["a", "a", "a.b", "a[0].b"]
