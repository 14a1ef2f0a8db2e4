"""Replies and requests for the rules of cascades."""

from __future__ import annotations

from typing import Any

from pointsman.chat import Message, Request, ResponseFormat, Text, Tool, ToolCall, ToolChoice
from pointsman.routing.cascade import Asked, Reply, Validate


def said(text: str, model: str = "small", *, ended: bool = True) -> Reply:
    return Reply(model, text, (), ended)


def called(name: str, arguments: str, model: str = "small", *, ident: str = "c1") -> Reply:
    return Reply(model, "", (ToolCall(ident, name, arguments),))


def asked(
    *,
    schema: dict[str, Any] | None = None,
    tools: tuple[Tool, ...] = (),
    choice: ToolChoice | None = None,
    parallel: bool | None = None,
    loss: float | None = None,
) -> Asked:
    wanted = None if schema is None else ResponseFormat("json_schema", "x", schema)
    return Asked(
        Request(
            "auto",
            (Message("user", (Text("hello"),)),),
            response_format=wanted,
            tools=tools,
            tool_choice=choice,
            parallel_tools=parallel,
        ),
        loss,
    )


def requires(schema: dict[str, Any]) -> Validate:
    """A validator that knows ``required`` alone."""
    required = list(schema.get("required", ()))

    def validate(value: Any) -> str | None:
        if not isinstance(value, dict):
            return "is no object"
        missing = [name for name in required if name not in value]
        return f"{missing[0]} is missing" if missing else None

    return validate
