from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.simulator.dice import Dice
from pointsman.simulator.instances import instance

PROMPT = "What is the weather in Paris for 3 days, asks Grace Hopper?"


def _make(schema: dict[str, Any], seed: int = 0) -> Any:
    return instance(schema, PROMPT, Dice(seed, b""))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": 7}, 7),
        ({"enum": ["only"]}, "only"),
        ({"type": "null"}, None),
        ({"type": "integer"}, 3),
        ({"type": "integer", "minimum": 10}, 10),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "integer", "minimum": 1, "multipleOf": 5}, 5),
        ({"type": "string", "format": "date"}, "2026-03-14"),
        ({"type": "object", "properties": {"city": {"type": "string"}}}, {"city": "Paris"}),
        ({"type": "object", "properties": {"name": {"type": "string"}}}, {"name": "Paris"}),
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"const": 1}}}, 1),
        ({"anyOf": [{"type": "null"}, {"const": "x"}]}, "x"),
        (
            {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]},
            {"a": 1, "b": 2},
        ),
    ],
)
def test_tables(schema: dict[str, Any], expected: Any) -> None:
    assert _make(schema) == expected


def test_a_string_has_the_length_it_must_have() -> None:
    assert len(_make({"type": ["string", "null"], "minLength": 40, "maxLength": 40})) == 40


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    node = {
        "type": "object",
        "properties": {"value": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
        "required": ["value", "next"],
    }
    depth, made = 0, _make(node)
    while made is not None:
        assert isinstance(made["value"], int)
        made, depth = made["next"], depth + 1
    assert 1 < depth < 20


_LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": -5, "maximum": 5},
        {"type": "boolean"},
        {"enum": ["a", "b", None]},
        {"type": "number", "minimum": 0, "maximum": 1},
    ]
)
_SCHEMAS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abcd"), inner).map(
            lambda p: {"type": "object", "properties": p, "required": list(p), "additionalProperties": False}
        ),
        st.tuples(inner, st.integers(0, 2)).map(
            lambda t: {"type": "array", "items": t[0], "minItems": t[1], "maxItems": 3}
        ),
    ),
    max_leaves=8,
)


@given(schema=_SCHEMAS, seed=st.integers(0, 50))
def test_an_instance_fits_its_schema(schema: dict[str, Any], seed: int) -> None:
    assert _fits(_make(schema, seed), schema)


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    match schema["type"]:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return type(value) is int and schema["minimum"] <= value <= schema["maximum"]
        case "number":
            return bool(schema["minimum"] <= value <= schema["maximum"])
        case "array":
            count_fits = schema["minItems"] <= len(value) <= schema["maxItems"]
            return count_fits and all(_fits(item, schema["items"]) for item in value)
        case _:
            same = set(value) == set(schema["properties"])
            return same and all(_fits(value[name], part) for name, part in schema["properties"].items())
