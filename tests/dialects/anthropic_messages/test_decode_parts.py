from __future__ import annotations

import msgspec
import pytest

from pointsman.chat import CacheHint, Document, Source, Text
from pointsman.dialects.anthropic_messages.decode_parts import decode_cache, decode_content, decode_texts
from pointsman.dialects.anthropic_messages.wire import WireBlock, WireCache
from pointsman.errors import UntranslatableRequest


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
