from __future__ import annotations

import sys
import time
from typing import Any

import pytest

from pointsman.errors import ConfigurationError, InvalidRequest
from pointsman.routing.labels import Question
from pointsman.routing.labels.graders.schema import SchemaGrader, compile_schema, read_json

PERSON = {"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}}, "required": ["age"]}


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ('{"age": 3}', 1.0),
        (' ```json\n{"age": 3}\n``` ', 1.0),
        ('```\n{"age": 3}\n```', 1.0),
        ('Here you are: {"age": 3}', 0.0),
        ('{"age": -3}', 0.0),
        ('{"age": "3"}', 0.0),
        ("{}", 0.0),
        ("", 0.0),
        ("[" * 100_000, 0.0),
        ('"\ud800"', 0.0),
        ('"' + "x" * 1_000_001 + '"', 0.0),
    ],
)
def test_the_whole_answer_is_json_that_follows_the_schema(answer: str, score: float) -> None:
    assert SchemaGrader(PERSON, "grader.schema").grade(Question(), answer) == score


def test_without_a_schema_of_the_settings_the_request_brings_it() -> None:
    grader = SchemaGrader(None, "grader.schema")
    assert grader.grade(Question(schema=PERSON), '{"age": 3}') == 1.0
    assert grader.grade(Question(schema=PERSON), "{}") == 0.0
    assert grader.grade(Question(), "{}") is None
    assert grader.grade(Question(schema={"type": "nonsense"}), "{}") is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"pattern": "("},
    ],
)
def test_what_is_no_schema_or_refers_elsewhere_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"grader\.schema"):
        SchemaGrader(schema, "grader.schema")
    with pytest.raises(InvalidRequest):
        compile_schema(schema)


def test_a_pattern_of_a_stranger_takes_no_time() -> None:
    hostile = {"type": "string", "pattern": "^(a|aa)+$"}
    started = time.monotonic()
    assert SchemaGrader(None, "").grade(Question(schema=hostile), '"' + "a" * 5_000 + 'b"') == 0.0
    assert time.monotonic() - started < 1


def test_what_is_wrong_is_told() -> None:
    wrong = compile_schema(PERSON)
    assert wrong({"age": 3}) is None
    assert wrong({"age": -3}) == "-3 is less than the minimum of 0"


def test_a_newer_draft_is_understood() -> None:
    schema = {"prefixItems": [{"type": "integer"}], "unevaluatedItems": False}
    grader = SchemaGrader(schema, "grader.schema")
    assert grader.grade(Question(), "[1]") == 1.0
    assert grader.grade(Question(), "[1, 2]") == 0.0


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    with pytest.raises(ConfigurationError, match=r"pointsman\[grade\]"):
        SchemaGrader(PERSON, "grader.schema")


def test_what_is_no_json_is_said() -> None:
    assert read_json("[1]") == [1]
    with pytest.raises(ValueError, match="malformed"):
        read_json("{nope}")
