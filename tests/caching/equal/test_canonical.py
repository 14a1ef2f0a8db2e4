from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.equal.canonical import canonical_json, names_twice, same_text

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def scrambled(value: Any) -> Any:
    """Keys the other way round, and whole numbers with a point."""
    if isinstance(value, dict):
        return {name: scrambled(value[name]) for name in reversed(list(value))}
    if isinstance(value, list):
        return [scrambled(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    return value


@given(VALUES)
def test_another_spelling_is_the_same(value: Any) -> None:
    assert canonical_json(scrambled(value)) == canonical_json(value)


@given(VALUES)
def test_it_says_what_the_value_was(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(VALUES, VALUES)
def test_values_that_differ_are_written_differently(one: Any, other: Any) -> None:
    """As JSON tells them apart: true is not 1, and neither is "1"."""
    same = json.dumps(scrambled(one), sort_keys=True) == json.dumps(scrambled(other), sort_keys=True)
    if canonical_json(one) == canonical_json(other):
        assert json.loads(canonical_json(one)) == other
    else:
        assert not same


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('{ "b": 1.0, "a": "x" }', '{"a":"x","b":1}'),
        ("{}", "{}"),
        ("[1, 2]", "[1, 2]"),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ('{"b": [{"a": 1, "\\u0061": 2}]}', '{"b": [{"a": 1, "\\u0061": 2}]}'),
        ('{"a": 1', '{"a": 1'),
        ("\ud800", "\ud800"),
        ('{"a":' * 100_000, '{"a":' * 100_000),
    ],
)
def test_only_objects_that_say_all_once_are_written_anew(text: str, same: str) -> None:
    assert same_text(text) == same


@given(VALUES)
def test_what_names_each_field_once_names_none_twice(value: Any) -> None:
    text = json.dumps({"x": value})
    assert not names_twice(text) and not names_twice(text.encode())
    assert names_twice(f'[{text[:-1]}, "x": 1}}]')


def test_a_number_of_any_length_is_no_trouble() -> None:
    assert not names_twice('{"a": ' + "1" * 5000 + "}")
