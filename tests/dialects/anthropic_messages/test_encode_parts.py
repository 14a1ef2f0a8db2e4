from __future__ import annotations

from typing import Any

import pytest

from pointsman.chat import CacheHint, Document, Image, Part, Source, Text, ToolCall, ToolResult
from pointsman.dialects.anthropic_messages.encode_parts import encode_part
from pointsman.errors import UntranslatableRequest


def encoded(part: Part) -> tuple[dict[str, Any] | None, list[str]]:
    dropped: list[str] = []
    return encode_part(part, "messages[0].parts[0]", dropped), dropped


@pytest.mark.parametrize(
    ("data", "told", "sent"),
    [
        ("/9j/4AAQ", "", "image/jpeg"),
        ("iVBORw0K", "", "image/png"),
        ("R0lGODlh", "", "image/gif"),
        ("UklGRiQA", "", "image/webp"),
        ("AAAA", "image/jpg", "image/jpeg"),
        ("AAAA", "image/webp", "image/webp"),
    ],
)
def test_an_image_has_the_type_it_was_given_or_begins_with(data: str, told: str, sent: str) -> None:
    block, _ = encoded(Image(Source("base64", data, told)))
    assert block == {"type": "image", "source": {"type": "base64", "media_type": sent, "data": data}}


def test_text_in_base64_becomes_text() -> None:
    block, _ = encoded(Document(Source("base64", "w6kh", "text/markdown")))
    assert block == {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "é!"}}


def test_a_document_in_base64_without_a_type_is_a_pdf() -> None:
    block, _ = encoded(Document(Source("base64", "JVBERi0=")))
    assert block is not None
    assert block["source"]["media_type"] == "application/pdf"


@pytest.mark.parametrize(
    "part",
    [
        Image(Source("base64", "AAAA")),
        Image(Source("text", "a picture")),
        Document(Source("base64", "AAAA", "application/zip")),
        Document(Source("base64", "/////w==", "text/plain")),
        Document(Source("base64", "!", "text/plain")),
    ],
)
def test_what_anthropic_does_not_take_is_refused(part: Part) -> None:
    with pytest.raises(UntranslatableRequest) as caught:
        encoded(part)
    assert caught.value.param == "messages[0].parts[0]"


@pytest.mark.parametrize(
    ("ttl", "sent", "dropped"),
    [
        ("", {"type": "ephemeral"}, []),
        ("5m", {"type": "ephemeral", "ttl": "5m"}, []),
        ("1h", {"type": "ephemeral", "ttl": "1h"}, []),
        ("30m", {"type": "ephemeral", "ttl": "1h"}, ["cache.ttl=30m"]),
        ("12h", {"type": "ephemeral", "ttl": "1h"}, ["cache.ttl=12h"]),
    ],
)
def test_cache_hints(ttl: str, sent: dict[str, Any], dropped: list[str]) -> None:
    block, names = encoded(Text("a", CacheHint(ttl)))
    assert block is not None
    assert (block["cache_control"], names) == (sent, dropped)


def test_an_images_detail_is_named() -> None:
    assert encoded(Image(Source("url", "u"), detail="auto"))[1] == []
    assert encoded(Image(Source("url", "u"), detail="low"))[1] == ["image_url.detail"]


def test_ids_of_call_and_result_stay_equal_in_anthropics_alphabet() -> None:
    call, _ = encoded(ToolCall("functions.f:0", "f", "{}"))
    result, _ = encoded(ToolResult("functions.f:0", (Text(""),)))
    assert call is not None
    assert result == {"type": "tool_result", "tool_use_id": "functions_f_0", "content": ""}
    assert call["id"] == "functions_f_0"
