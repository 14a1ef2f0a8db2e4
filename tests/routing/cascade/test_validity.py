from __future__ import annotations

from typing import Any

import pytest

from pointsman.chat import Tool, ToolCall, ToolChoice
from pointsman.errors import InvalidRequest
from pointsman.routing.cascade import Accept, Asked, Escalate, Reply, SchemaValid, ToolsValid, Validate
from tests.support.cascade import asked, called, requires, said

SCHEMA = {"type": "object", "required": ["a"]}
TOOLS = (Tool("f", {"required": ["x"]}), Tool("g", {}))


@pytest.mark.parametrize(
    ("replies", "because"),
    [
        ((said('{"a": 1}'),), "schema"),
        ((said('{"b": 1}'),), "invalid"),
        ((said('```json\n{"a": 1}\n```'),), "invalid"),
        ((said('{"a": 1', ended=False),), "unfinished"),
        ((called("f", '{"a": 1}'),), "invalid"),
        ((None,), "failed"),
        ((), "failed"),
    ],
)
def test_an_answer_follows_the_schema_of_the_request(replies: tuple[Reply | None, ...], because: str) -> None:
    assert SchemaValid(requires).decide(asked(schema=SCHEMA), replies).because == because


def test_of_several_the_first_right_one_is_taken() -> None:
    verdict = SchemaValid(requires).decide(asked(schema=SCHEMA), (said("no"), None, said('{"a": 1}')))
    assert verdict == Accept(2, "schema")


def test_a_schema_of_the_settings_comes_before_the_one_of_the_request() -> None:
    rule = SchemaValid(requires, requires({"required": ["own"]}))
    assert rule.before(asked()) is None
    assert rule.decide(asked(schema=SCHEMA), (said('{"own": 1}'),)) == Accept(0, "schema")


def test_without_a_schema_cheap_models_are_not_asked() -> None:
    rule = SchemaValid(requires)
    before = rule.before(asked())
    assert before is not None and before.because == "nothing_to_check"
    assert rule.before(asked(schema=SCHEMA)) is None
    assert rule.decide(asked(), (said("{}"),)).because == "nothing_to_check"


def test_a_schema_that_is_none_escalates() -> None:
    def refuse(schema: dict[str, Any]) -> Validate:
        raise InvalidRequest("bad schema")

    assert isinstance(SchemaValid(refuse).decide(asked(schema=SCHEMA), (said("{}"),)), Escalate)
    assert isinstance(ToolsValid(refuse).decide(asked(tools=TOOLS), (called("g", "{}"),)), Escalate)


@pytest.mark.parametrize(
    ("question", "reply", "because"),
    [
        (asked(tools=TOOLS), called("f", '{"x": 1}'), "tools"),
        (asked(tools=TOOLS), called("g", ""), "tools"),
        (asked(tools=TOOLS), called("f", "{}"), "invalid"),
        (asked(tools=TOOLS), called("f", "[1]"), "invalid"),
        (asked(tools=TOOLS), called("f", '{"x": '), "invalid"),
        (asked(tools=TOOLS), called("h", "{}"), "invalid"),
        (asked(tools=TOOLS), said("no tool"), "nothing_to_check"),
        (asked(tools=TOOLS, choice=ToolChoice("tool", "g")), called("f", '{"x": 1}'), "invalid"),
        (asked(tools=TOOLS, choice=ToolChoice("tool", "g")), called("g", "{}"), "tools"),
        (asked(tools=TOOLS, choice=ToolChoice("tool", "none")), called("f", '{"x": 1}'), "invalid"),
        (asked(tools=TOOLS, choice=ToolChoice("none")), called("g", "{}"), "nothing_to_check"),
        (asked(), called("g", "{}"), "nothing_to_check"),
    ],
)
def test_calls_are_of_known_tools_with_right_arguments(question: Asked, reply: Reply, because: str) -> None:
    assert ToolsValid(requires).decide(question, (reply,)).because == because


def test_several_calls_where_one_is_allowed_are_wrong() -> None:
    both = Reply("m", "", (ToolCall("1", "g", "{}"), ToolCall("2", "g", "{}")))
    rule = ToolsValid(requires)
    assert rule.decide(asked(tools=TOOLS), (both,)).because == "tools"
    assert rule.decide(asked(tools=TOOLS, parallel=False), (both,)).because == "invalid"


def test_every_call_must_be_right() -> None:
    reply = Reply("m", "", (ToolCall("1", "g", "{}"), ToolCall("2", "f", "{}")))
    assert ToolsValid(requires).decide(asked(tools=TOOLS), (reply,)).because == "invalid"
