"""Which bodies the hub holds wholly."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.dialects.openai_chat.shape import is_whole

DATA = "data:application/pdf;base64,AAAA"


def message(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hello"} | fields]}


def part(kind: str, **fields: Any) -> dict[str, Any]:
    return message(content=[{"type": kind} | fields])


def tool(**fields: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "f"} | fields}]}


@pytest.mark.parametrize(
    "body",
    [
        message(),
        message(name="Ada"),
        message(role="assistant", content=None, refusal=None, annotations=None),
        message(role="assistant", tool_calls=[{"id": "c", "type": "function", "function": {"name": "f"}}]),
        message(role="tool", tool_call_id="c", content=[{"type": "text", "text": "4"}]),
        part("text", text="a", cache_control={"type": "ephemeral"}),
        part("image_url", image_url={"url": "https://x", "detail": "low"}),
        part("image_url", image_url="https://x"),
        part("file", file={"file_id": "f"}),
        part("file", file={"file_data": DATA, "filename": "a.pdf"}),
        tool(parameters={"type": "object", "whatever": 1}, strict=True),
        {"tool_choice": "auto"},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"x": [1]}}}},
        {"max_tokens": None, "max_completion_tokens": 7, "seed": 1, "never_heard_of": {"a": 1}},
    ],
)
def test_held_wholly(body: dict[str, Any]) -> None:
    assert is_whole(body)


@pytest.mark.parametrize(
    "body",
    [
        message(weight=1),
        message(role="system", name="Ada"),
        message(role="assistant", audio={"id": "a"}),
        message(role="assistant", reasoning="hm"),
        message(role="assistant", tool_calls=[{"id": "c", "function": {"name": "f"}, "extra_content": {}}]),
        message(role="function", content="4", name="f"),
        message(role="tool", tool_call_id="c", name="f"),
        message(role="tool", tool_call_id="c", content=[{"type": "image_url", "image_url": "https://x"}]),
        part("text", text="a", annotations=[]),
        part("input_audio", input_audio={}),
        part("file", file={"file_id": "f", "file_data": DATA}),
        part("file", file={"file_data": "AAAA", "filename": "a.txt"}),
        part("file", file={}),
        part("file", file=[]),
        tool(description="d", eager=True),
        {"tools": [{"type": "custom", "custom": {}}]},
        {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}},
        {"response_format": {"type": "grammar"}},
        {"max_tokens": 7, "max_completion_tokens": 7},
        {"system": "Be brief."},
    ],
)
def test_held_in_part(body: dict[str, Any]) -> None:
    assert not is_whole(body)
