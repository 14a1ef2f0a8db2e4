"""Which bodies the hub holds wholly."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.dialects.anthropic_messages.shape import is_whole

PDF = {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}


def block(kind: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [{"type": kind} | fields]}]}


def tool(**fields: Any) -> dict[str, Any]:
    return {"tools": [{"name": "f", "input_schema": {"type": "object", "whatever": 1}} | fields]}


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "Hello"}], "system": "Be brief."},
        {"system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
        block("text", text="a", citations=None),
        block("image", source={"type": "url", "url": "https://x"}),
        block("document", source=PDF, title=None, context="c", citations={"enabled": True}),
        block("document", source={"type": "text", "media_type": "text/plain", "data": "a"}),
        block("tool_use", id="c", name="f", input={"a": {"b": [1]}}),
        block("tool_result", tool_use_id="c", content=[{"type": "text", "text": "4"}], is_error=True),
        block("tool_result", tool_use_id="c"),
        block("thinking", thinking="hm", signature="s"),
        block("redacted_thinking", data="x"),
        tool(type="custom", strict=True, cache_control={"type": "ephemeral"}),
        {"tool_choice": {"type": "any", "disable_parallel_tool_use": True}},
        {"thinking": {"type": "enabled", "budget_tokens": 2048, "display": "omitted"}},
        {"output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"x": [1]}}}},
        {"output_config": {"task_budget": {"tokens": 7}}, "mcp_servers": [], "never_heard_of": {"a": 1}},
    ],
)
def test_held_wholly(body: dict[str, Any]) -> None:
    assert is_whole(body)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "Hello", "id": "m"}]},
        {"system": [{"type": "text", "text": "a", "citations": []}]},
        block("text", text="a", citations=[]),
        block("image", source={"type": "url", "url": "https://x", "media_type": "image/png"}),
        block("document", source={"type": "content", "content": "a"}),
        block("document", source=PDF, citations={"enabled": True, "style": 1}),
        block("tool_use", id="c", name="f", input={}, caller={"type": "direct"}),
        block("tool_result", tool_use_id="c", content=[{"type": "tool_reference", "tool_name": "f"}]),
        block("server_tool_use", id="c"),
        block("search_result", source="x"),
        tool(defer_loading=True),
        tool(type="bash_20250124", name="bash", max_characters=9),
        {"tool_choice": {"type": "any", "never_heard_of": 1}},
        {"thinking": {"type": "disabled", "budget_tokens": 2048}},
        {"thinking": {"type": "adaptive", "budget_tokens": 2048}},
        {"output_config": {"format": {"type": "json_schema", "schema": {}, "name": "a"}}},
        {"output_config": []},
    ],
)
def test_held_in_part(body: dict[str, Any]) -> None:
    assert not is_whole(body)
