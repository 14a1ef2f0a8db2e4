"""Anthropic requests as they stand on the wire, beside what they mean: one table for decoder and encoder."""

from __future__ import annotations

from typing import Any

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    RedactedThinking,
    Request,
    ResponseFormat,
    Source,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)

MODEL = "claude-test"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}}


def user(*parts: Part) -> Message:
    return Message("user", parts)


def assistant(*parts: Part) -> Message:
    return Message("assistant", parts)


def ask(*messages: Message, **fields: Any) -> Request:
    return Request(model=MODEL, messages=messages or (user(Text("Hi")),), max_output=4096, **fields)


def wire(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "model": MODEL,
        "max_tokens": 4096,
        "messages": list(messages) or [{"role": "user", "content": "Hi"}],
    } | fields


def blocks(*content: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": list(content)}


_PNG = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}

REQUESTS: dict[str, tuple[dict[str, Any], Request]] = {
    "least": (wire(), ask()),
    "system as text": (wire(system="Be brief."), ask(system=(Text("Be brief."),))),
    "system in blocks, cached": (
        wire(
            system=[
                {"type": "text", "text": "One."},
                {"type": "text", "text": "Two.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            ]
        ),
        ask(system=(Text("One."), Text("Two.", CacheHint("1h")))),
    ),
    "settings": (
        wire(
            temperature=0.5,
            stop_sequences=["END", "\n\nHuman:"],
            stream=True,
            metadata={"user_id": "u-1"},
            service_tier="standard_only",
        ),
        ask(
            temperature=0.5,
            stop=("END", "\n\nHuman:"),
            stream=True,
            stream_usage=True,
            user="u-1",
            tier="default",
        ),
    ),
    "nucleus": (wire(top_p=0.9, top_k=40), ask(top_p=0.9, top_k=40)),
    "images": (
        wire(
            blocks(
                {"type": "text", "text": "Compare."},
                {"type": "image", "source": _PNG, "cache_control": {"type": "ephemeral"}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.jpg"}},
                {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
            )
        ),
        ask(
            user(
                Text("Compare."),
                Image(Source("base64", "iVBORw0KGgo=", "image/png"), cache=CacheHint()),
                Image(Source("url", "https://example.com/a.jpg")),
                Image(Source("file", "file_1")),
            )
        ),
    ),
    "documents": (
        wire(
            blocks(
                {
                    "type": "document",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
                    "title": "T",
                    "context": "C",
                    "citations": {"enabled": True},
                },
                {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
                {
                    "type": "document",
                    "source": {"type": "text", "media_type": "text/plain", "data": "Words."},
                    "cache_control": {"type": "ephemeral", "ttl": "5m"},
                },
                {"type": "document", "source": {"type": "file", "file_id": "file_2"}},
            )
        ),
        ask(
            user(
                Document(
                    Source("base64", "JVBERi0=", "application/pdf"), title="T", context="C", citations=True
                ),
                Document(Source("url", "https://example.com/a.pdf")),
                Document(Source("text", "Words.", "text/plain"), cache=CacheHint("5m")),
                Document(Source("file", "file_2")),
            )
        ),
    ),
    "tool loop with thinking": (
        wire(
            {"role": "user", "content": "Weather?"},
            blocks(
                {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "b3BhcXVl"},
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Bern"}},
                {"type": "tool_use", "id": "toolu_2", "name": "clock", "input": {}},
                role="assistant",
            ),
            blocks(
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "12 °C"},
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_2",
                    "content": [{"type": "text", "text": "broken"}, {"type": "image", "source": _PNG}],
                    "is_error": True,
                    "cache_control": {"type": "ephemeral"},
                },
                {"type": "tool_result", "tool_use_id": "toolu_3"},
                {"type": "text", "text": "Go on."},
            ),
            thinking={"type": "enabled", "budget_tokens": 2000},
        ),
        ask(
            user(Text("Weather?")),
            assistant(
                Thinking("Hm.", "c2ln"),
                RedactedThinking("b3BhcXVl"),
                Text("Let me look."),
                ToolCall("toolu_1", "weather", '{"city":"Bern"}'),
                ToolCall("toolu_2", "clock", "{}"),
            ),
            user(
                ToolResult("toolu_1", (Text("12 °C"),)),
                ToolResult(
                    "toolu_2",
                    (Text("broken"), Image(Source("base64", "iVBORw0KGgo=", "image/png"))),
                    is_error=True,
                    cache=CacheHint(),
                ),
                ToolResult("toolu_3", ()),
                Text("Go on."),
            ),
            reasoning=Reasoning(mode="on", budget=2000),
        ),
    ),
    "tools": (
        wire(
            tools=[
                {"name": "plain", "input_schema": SCHEMA},
                {
                    "name": "full",
                    "description": "Does it.",
                    "input_schema": SCHEMA,
                    "strict": True,
                    "cache_control": {"type": "ephemeral"},
                },
            ],
            tool_choice={"type": "tool", "name": "full", "disable_parallel_tool_use": True},
        ),
        ask(
            tools=(
                Tool("plain", SCHEMA),
                Tool("full", SCHEMA, description="Does it.", strict=True, cache=CacheHint()),
            ),
            tool_choice=ToolChoice("tool", "full"),
            parallel_tools=False,
        ),
    ),
    "any tool": (
        wire(tools=[{"name": "f", "input_schema": SCHEMA}], tool_choice={"type": "any"}),
        ask(tools=(Tool("f", SCHEMA),), tool_choice=ToolChoice("required")),
    ),
    "no tool": (
        wire(tools=[{"name": "f", "input_schema": SCHEMA}], tool_choice={"type": "none"}),
        ask(tools=(Tool("f", SCHEMA),), tool_choice=ToolChoice("none")),
    ),
    "schema and effort": (
        wire(
            output_config={"effort": "high", "format": {"type": "json_schema", "schema": SCHEMA}},
            thinking={"type": "adaptive"},
        ),
        ask(
            response_format=ResponseFormat("json_schema", schema=SCHEMA),
            reasoning=Reasoning(mode="adaptive", effort="high"),
        ),
    ),
    "no thinking": (wire(thinking={"type": "disabled"}), ask(reasoning=Reasoning(mode="off"))),
    "Anthropic's own fields": (
        wire(context_management={"edits": []}, speed="fast"),
        ask(unmapped={"context_management": {"edits": []}, "speed": "fast"}),
    ),
}
