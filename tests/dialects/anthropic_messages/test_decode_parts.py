from __future__ import annotations

import msgspec
import pytest

from pointsman.chat import CacheHint, Document, Source, Text, ToolResult
from pointsman.dialects.anthropic_messages.decode_parts import decode_cache, decode_content, decode_texts
from pointsman.dialects.anthropic_messages.wire import WireBlock, WireCache
from pointsman.errors import InvalidRequest, UntranslatableRequest


def read(text: str) -> list[WireBlock]:
    return msgspec.json.decode(text, type=list[WireBlock])


def test_text_is_one_part() -> None:
    assert decode_content("a", "messages[0].content") == decode_texts("a", "system") == (Text("a"),)


def test_cache_hints() -> None:
    assert decode_cache(None) is None
    assert decode_cache(WireCache()) == CacheHint()
    assert decode_cache(WireCache(ttl="1h")) == CacheHint("1h")


@pytest.mark.parametrize(
    "kind",
    [
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "container_upload",
        "search_result",
        "hologram",
    ],
)
def test_what_only_anthropic_understands_cannot_cross(kind: str) -> None:
    with pytest.raises(UntranslatableRequest, match=kind) as caught:
        decode_content(read('[{"type":"text","text":"a"},{"type":"%s","content":{"a":1}}]' % kind), "p")  # noqa: UP031
    assert caught.value.param == "p[1]"


@pytest.mark.parametrize(("content", "text"), [('"whole"', "whole"), ("null", ""), ("[]", "")])
def test_a_document_given_as_content(content: str, text: str) -> None:
    blocks = read('[{"type":"document","source":{"type":"content","content":' + content + "}}]")
    assert decode_content(blocks, "p") == (Document(Source("text", text, "text/plain")),)


def test_what_a_search_for_tools_found_is_told_by_name() -> None:
    blocks = read(
        '[{"type":"tool_result","tool_use_id":"t1","content":['
        '{"type":"tool_reference","tool_name":"WebFetch"},{"type":"text","text":"and more"}]}]'
    )
    assert decode_content(blocks, "p") == (
        ToolResult("t1", (Text("The tool WebFetch is loaded."), Text("and more"))),
    )


def test_a_tool_reference_must_name_its_tool() -> None:
    blocks = read('[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"tool_reference"}]}]')
    with pytest.raises(InvalidRequest) as caught:
        decode_content(blocks, "p")
    assert caught.value.param == "p[0].content[0].tool_name"


def test_a_tool_reference_outside_of_a_result_cannot_cross() -> None:
    with pytest.raises(UntranslatableRequest, match="tool_reference"):
        decode_content(read('[{"type":"tool_reference","tool_name":"WebFetch"}]'), "p")
