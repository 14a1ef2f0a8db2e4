"""Parts are values: equal by content, frozen, and told apart on the wire of our own stores by a tag."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Part,
    RedactedThinking,
    Refusal,
    Source,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)

PARTS: list[Part] = [
    Text("a", CacheHint("5m")),
    Image(Source("url", "https://example.com/a.png"), detail="low"),
    Document(Source("base64", "QQ==", "application/pdf"), title="T", citations=True),
    ToolCall("call_1", "look", '{"a":1}'),
    ToolResult("call_1", (Text("seen"), Image(Source("base64", "QQ==", "image/png"))), is_error=True),
    Thinking("hm", "sig"),
    RedactedThinking("xyz"),
    Refusal("no"),
]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_survives_our_own_encoding(part: Part) -> None:
    assert msgspec.json.decode(msgspec.json.encode(part), type=Part) == part


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_hashable_and_frozen(part: Part) -> None:
    assert hash(part) == hash(msgspec.structs.replace(part))
    with pytest.raises(AttributeError):
        part.cache = None  # type: ignore[union-attr,misc]  # that it cannot be set is the point
