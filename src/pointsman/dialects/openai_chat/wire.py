"""OpenAI's chat wire as typed values, for decoding only. What is not named here is not looked at."""

from __future__ import annotations

from typing import Any

import msgspec


class ImageUrl(msgspec.Struct, frozen=True):
    url: str
    detail: str | None = None


class File(msgspec.Struct, frozen=True):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class CacheMark(msgspec.Struct, frozen=True):
    """``prompt_cache_breakpoint``, or the ``cache_control`` that other gateways taught OpenAI's clients."""

    ttl: str | None = None


class ContentPart(msgspec.Struct, frozen=True):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: ImageUrl | str | None = None
    file: File | None = None
    prompt_cache_breakpoint: CacheMark | None = None
    cache_control: CacheMark | None = None


class Function(msgspec.Struct, frozen=True):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class ToolCall(msgspec.Struct, frozen=True):
    """A call in a message; in a stream also a fragment of one."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: Function | None = None
    extra_content: Any = None
    """Gemini's place for its thought signature."""


class Message(msgspec.Struct, frozen=True):
    role: str | None = None
    content: str | list[ContentPart] | None = None
    name: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: Any = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    function_call: Function | None = None
    audio: Any = None

    @property
    def thinking(self) -> str:
        """DeepSeek's ``reasoning_content``; newer vLLM and OpenRouter call it ``reasoning``."""
        return self.reasoning_content or (self.reasoning if isinstance(self.reasoning, str) else "")


class FunctionTool(msgspec.Struct, frozen=True):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(msgspec.Struct, frozen=True):
    type: str
    function: FunctionTool | None = None
    cache_control: CacheMark | None = None


class ToolName(msgspec.Struct, frozen=True):
    name: str


class AllowedTool(msgspec.Struct, frozen=True):
    type: str
    function: ToolName | None = None


class AllowedTools(msgspec.Struct, frozen=True):
    mode: str
    tools: list[AllowedTool]


class ToolChoice(msgspec.Struct, frozen=True):
    type: str
    function: ToolName | None = None
    allowed_tools: AllowedTools | None = None


class JsonSchema(msgspec.Struct, frozen=True):
    name: str = ""
    description: str | None = None
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class ResponseFormat(msgspec.Struct, frozen=True):
    type: str
    json_schema: JsonSchema | None = None


class StreamOptions(msgspec.Struct, frozen=True):
    include_usage: bool | None = None


class PromptDetails(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class CompletionDetails(msgspec.Struct, frozen=True):
    reasoning_tokens: int | None = None


class Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    """DeepSeek's name of ``cached_tokens``."""


class Choice(msgspec.Struct, frozen=True):
    message: Message
    index: int | None = None
    finish_reason: str | None = None


class Completion(msgspec.Struct, frozen=True):
    choices: list[Choice]
    id: str | None = None
    model: str | None = None
    created: int | float | None = None
    usage: Usage | None = None
    service_tier: str | None = None


class CompletionHead(msgspec.Struct, frozen=True):
    """A whole answer whose choices are only seen to be there."""

    choices: msgspec.Raw
    id: str | None = None
    model: str | None = None
    usage: Usage | None = None
    service_tier: str | None = None


class ChunkChoice(msgspec.Struct, frozen=True):
    index: int | None = None
    delta: Message | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    created: int | float | None = None
    choices: list[ChunkChoice] | None = None
    usage: Usage | None = None
    service_tier: str | None = None
    error: Any = None
