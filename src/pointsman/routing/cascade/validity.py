"""Believed is what has the form that was asked for: an answer in a schema, or calls of tools that exist.

That says nothing of its sense. It is for work where the form is the hard part, or where labels show that it
is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from pointsman.chat import Tool, ToolCall
from pointsman.errors import ConfigurationError, InvalidRequest

from .reply import Reply
from .rule import Accept, Asked, Because, CompileSchema, Escalate, Validate, Verdict, unusable


class SchemaValid:
    """The answer is JSON that follows the schema of the settings, or else the one that the request asks for.

    Args:
        own: of the settings; compiled already.
    """

    def __init__(self, compile_schema: CompileSchema, own: Validate | None = None) -> None:
        self._compile = compile_schema
        self._own = own

    def before(self, asked: Asked) -> Escalate | None:
        if self._own is None and _schema_of(asked) is None:
            return Escalate("nothing_to_check", "the request asks for no schema")
        return None

    def decide(self, asked: Asked, replies: Sequence[Reply | None]) -> Verdict:
        schema = _schema_of(asked)
        validate = self._own
        if validate is None and schema is not None:
            compiled = _compiled(self._compile, schema)
            if isinstance(compiled, Escalate):
                return compiled
            validate = compiled
        if validate is None:
            return Escalate("nothing_to_check", "the request asks for no schema")
        return _first_right(replies, "schema", partial(_wrong_text, validate))


class ToolsValid:
    """The answer calls tools of the request, each with arguments that follow the tool's schema."""

    def __init__(self, compile_schema: CompileSchema) -> None:
        self._compile = compile_schema

    def before(self, asked: Asked) -> Escalate | None:
        choice = asked.request.tool_choice
        if not asked.request.tools or (choice is not None and choice.mode == "none"):
            return Escalate("nothing_to_check", "the request has no tools to call")
        return None

    def decide(self, asked: Asked, replies: Sequence[Reply | None]) -> Verdict:
        if (idle := self.before(asked)) is not None:
            return idle
        return _first_right(replies, "tools", partial(self._wrong_calls, asked))

    def _wrong_calls(self, asked: Asked, reply: Reply) -> Escalate | None:
        request = asked.request
        if not reply.calls:
            return Escalate("nothing_to_check", f"{reply.model} called no tool")
        if request.parallel_tools is False and len(reply.calls) > 1:
            return Escalate("invalid", "several calls where one is allowed")
        tools = {tool.name: tool for tool in request.tools}
        choice = request.tool_choice
        if choice is not None and choice.mode == "tool":
            tools = {choice.name: tools[choice.name]} if choice.name in tools else {}
        for call in reply.calls:
            tool = tools.get(call.name)
            if tool is None:
                return Escalate("invalid", f"calls {call.name!r}, which it may not")
            if (wrong := self._wrong_arguments(tool, call)) is not None:
                return wrong
        return None

    def _wrong_arguments(self, tool: Tool, call: ToolCall) -> Escalate | None:
        arguments = _decoded(call.arguments or "{}")
        if not isinstance(arguments, dict):
            return Escalate("invalid", f"the arguments of {call.name} are no object")
        validate = _compiled(self._compile, tool.parameters)
        if isinstance(validate, Escalate):
            return validate
        wrong = validate(arguments)
        return None if wrong is None else Escalate("invalid", f"{call.name}: {wrong}")


def _first_right(
    replies: Sequence[Reply | None], because: Because, wrong_with: Callable[[Reply], Escalate | None]
) -> Verdict:
    """Accepts the first that nothing is wrong with; else says what is with the last."""
    wrong: Escalate | None = None
    for index, reply in enumerate(replies):
        wrong = unusable((reply,))
        if wrong is None and reply is not None:
            wrong = wrong_with(reply)
        if wrong is None:
            return Accept(index, because)
    return wrong or Escalate("failed", "no cheap model was asked")


def _schema_of(asked: Asked) -> dict[str, Any] | None:
    wanted = asked.request.response_format
    return wanted.schema if wanted is not None and wanted.kind == "json_schema" else None


def _compiled(compile_schema: CompileSchema, schema: dict[str, Any]) -> Validate | Escalate:
    try:
        return compile_schema(schema)
    except (ConfigurationError, InvalidRequest) as error:
        return Escalate("nothing_to_check", f"its schema cannot be used: {error}")


class _NotJson:
    pass


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _NotJson()


def _wrong_text(validate: Validate, reply: Reply) -> Escalate | None:
    if reply.calls:
        return Escalate("invalid", f"{reply.model} called a tool instead")
    value = _decoded(reply.text)
    if isinstance(value, _NotJson):
        return Escalate("invalid", f"{reply.model} did not answer in JSON")
    wrong = validate(value)
    return None if wrong is None else Escalate("invalid", f"{reply.model}: {wrong}")
