"""Content blocks of a request, into parts of the hub."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Part,
    RedactedThinking,
    Source,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from pointsman.errors import InvalidRequest, UntranslatableRequest

from .arguments import input_to_arguments
from .problems import describe
from .wire import NOTHING, WireBlock, WireCache, WireSource

_T = TypeVar("_T")
_content = msgspec.json.Decoder(str | list[WireBlock] | None)
_source = msgspec.json.Decoder(WireSource)
_anything = msgspec.json.Decoder(Any)


def decode_content(content: str | list[WireBlock], path: str) -> tuple[Part, ...]:
    """Parts of a message.

    Raises:
        InvalidRequest: a block lacks what its type demands.
        UntranslatableRequest: a block that only Anthropic understands (server tools, search results …).
    """
    if isinstance(content, str):
        return (Text(content),)
    return tuple([_part(block, f"{path}[{n}]") for n, block in enumerate(content)])


def decode_texts(content: str | list[WireBlock], path: str) -> tuple[Text, ...]:
    """Blocks of a system prompt, which may only be text."""
    if isinstance(content, str):
        return (Text(content),)
    texts = []
    for n, block in enumerate(content):
        if block.type != "text":
            raise InvalidRequest(f"{path}[{n}].type: Input should be 'text'", param=f"{path}[{n}].type")
        texts.append(_text(block, f"{path}[{n}]"))
    return tuple(texts)


def decode_cache(cache: WireCache | None) -> CacheHint | None:
    return None if cache is None else CacheHint(cache.ttl or "")


def _part(block: WireBlock, path: str) -> Part:
    match block.type:
        case "text":
            return _text(block, path)
        case "image":
            return Image(_image_source(block, path), cache=decode_cache(block.cache_control))
        case "document":
            return _document(block, path)
        case "tool_use":
            return _tool_call(block, path)
        case "tool_result":
            return _tool_result(block, path)
        case "thinking":
            return Thinking(_required(block.thinking, f"{path}.thinking"), block.signature or "")
        case "redacted_thinking":
            return RedactedThinking(_required(block.data, f"{path}.data"))
        case other:
            raise _cannot_cross(other, path)


def _text(block: WireBlock, path: str) -> Text:
    return Text(_required(block.text, f"{path}.text"), decode_cache(block.cache_control))


def _tool_call(block: WireBlock, path: str) -> ToolCall:
    arguments = input_to_arguments(block.input)
    if arguments is None:
        raise InvalidRequest(f"{path}.input: Input should be a valid dictionary", param=f"{path}.input")
    return ToolCall(
        id=_required(block.id, f"{path}.id"),
        name=_required(block.name, f"{path}.name"),
        arguments=arguments,
        cache=decode_cache(block.cache_control),
    )


def _tool_result(block: WireBlock, path: str) -> ToolResult:
    parts: list[Text | Image | Document] = []
    if block.content != NOTHING:
        content = _decode(_content, block.content, f"{path}.content")
        for n, part in enumerate(_result_content(content or [], f"{path}.content")):
            if not isinstance(part, Text | Image | Document):
                where = f"{path}.content[{n}].type"
                raise InvalidRequest(f"{where}: not allowed inside of a tool_result", param=where)
            parts.append(part)
    return ToolResult(
        call_id=_required(block.tool_use_id, f"{path}.tool_use_id"),
        parts=tuple(parts),
        is_error=bool(block.is_error),
        cache=decode_cache(block.cache_control),
    )


def _result_content(content: str | list[WireBlock], path: str) -> tuple[Part, ...]:
    if isinstance(content, str):
        return decode_content(content, path)
    return tuple([_result_part(block, f"{path}[{n}]") for n, block in enumerate(content)])


def _result_part(block: WireBlock, path: str) -> Part:
    if block.type != "tool_reference":
        return _part(block, path)
    # What a search for tools has found. Outside of Anthropic no tool is deferred, so its name is enough.
    return Text(f"The tool {_required(block.tool_name, f'{path}.tool_name')} is loaded.")


def _document(block: WireBlock, path: str) -> Document:
    citations: Any = None
    if block.citations != NOTHING:
        citations = _decode(_anything, block.citations, f"{path}.citations")
    return Document(
        source=_document_source(block, path),
        title=block.title or "",
        context=block.context or "",
        citations=isinstance(citations, dict) and citations.get("enabled") is True,
        cache=decode_cache(block.cache_control),
    )


def _image_source(block: WireBlock, path: str) -> Source:
    path = f"{path}.source"
    source = _decode(_source, block.source, path)
    return _common_source(source, path)


def _document_source(block: WireBlock, path: str) -> Source:
    path = f"{path}.source"
    source = _decode(_source, block.source, path)
    match source.type:
        case "text":
            return Source("text", _required(source.data, f"{path}.data"), source.media_type or "text/plain")
        case "content":
            return Source("text", _joined_text(source.content, f"{path}.content"), "text/plain")
        case _:
            return _common_source(source, path)


def _common_source(source: WireSource, path: str) -> Source:
    match source.type:
        case "base64":
            return Source("base64", _required(source.data, f"{path}.data"), source.media_type)
        case "url":
            return Source("url", _required(source.url, f"{path}.url"))
        case "file":
            return Source("file", _required(source.file_id, f"{path}.file_id"))
        case other:
            raise _cannot_cross(other, path)


def _joined_text(content: str | list[WireBlock] | None, path: str) -> str:
    """A document made of text blocks as one text. Its blocks only matter to citations."""
    if content is None or isinstance(content, str):
        return content or ""
    texts = []
    for n, block in enumerate(content):
        if block.type != "text":
            raise _cannot_cross(block.type, f"{path}[{n}]")
        texts.append(block.text or "")
    return "\n".join(texts)


def _decode(decoder: msgspec.json.Decoder[_T], raw: msgspec.Raw, path: str) -> _T:
    if raw == NOTHING:
        raise InvalidRequest(f"{path}: Field required", param=path)
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        where, what = describe(error, path)
        raise InvalidRequest(f"{where}: {what}", param=where) from None
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"{path}: not valid JSON: {error}.", param=path) from None


def _required(value: _T | None, path: str) -> _T:
    if value is None:
        raise InvalidRequest(f"{path}: Field required", param=path)
    return value


def _cannot_cross(kind: str, path: str) -> UntranslatableRequest:
    return UntranslatableRequest(
        f"{path}: a block of type {kind!r} only exists at Anthropic and cannot be sent to this model's "
        "provider. Choose a Claude model served by Anthropic, or leave the block out.",
        param=path,
    )
