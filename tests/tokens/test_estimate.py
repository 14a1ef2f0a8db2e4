from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import (
    Document,
    Image,
    Message,
    Part,
    RedactedThinking,
    Refusal,
    Request,
    ResponseFormat,
    Source,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)
from pointsman.tokens import (
    bytes_tokens,
    count_text,
    fits_surely,
    least_request_tokens,
    least_tokens,
    most_body_tokens,
    request_tokens,
)
from pointsman.tokens.estimate import (
    HIDDEN_PROMPT,
    IMAGE_TOKENS,
    MESSAGE_OVERHEAD,
    REFERENCED_DOCUMENT_TOKENS,
    TOOLS_PROMPT,
)
from tests.support.models import a_model

PICTURE = Image(Source("url", "https://example.com/cat.png"))

PARTS: list[tuple[Part, int]] = [
    (Text("Hello world"), 2),
    (Thinking("Hello world", signature="s" * 999), 2),
    (Refusal("No way"), 2),
    (RedactedThinking("x" * 400), 100),
    (PICTURE, IMAGE_TOKENS),
    (Document(Source("text", "Hello world"), title="A title", context="so"), 2 + 2 + 1),
    (Document(Source("base64", "A" * 4000, "application/pdf")), 100),
    (Document(Source("file", "file-1")), REFERENCED_DOCUMENT_TOKENS),
    (Document(Source("url", "https://example.com/a.pdf")), REFERENCED_DOCUMENT_TOKENS),
    (ToolCall("id", "look", "{}"), MESSAGE_OVERHEAD + 2),
    (ToolResult("id", (Text("Hello world"), PICTURE)), MESSAGE_OVERHEAD + 2 + IMAGE_TOKENS),
]


@pytest.mark.parametrize(("part", "tokens"), PARTS)
def test_each_part_counts(part: Part, tokens: int) -> None:
    request = Request("m", (Message("user", (part,)),))
    assert request_tokens(request) == MESSAGE_OVERHEAD + tokens


def test_the_whole_prompt_counts() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    schema_tokens = count_text('{"type":"object","properties":{"city":{"type":"string"}}}')
    request = Request(
        "m",
        (Message("user", (Text("Hello"),)), Message("assistant", (Text("Hi"),))),
        system=(Text("Be brief"), Text("Please")),
        tools=(Tool("find", schema, description="Finds it"),),
        response_format=ResponseFormat("json_schema", schema=schema),
    )
    assert request_tokens(request) == (
        (2 + 1)  # system
        + 2 * MESSAGE_OVERHEAD
        + (1 + 1)
        + (MESSAGE_OVERHEAD + 1 + 2 + schema_tokens)  # the tool
        + schema_tokens
    )


@pytest.mark.parametrize(("size", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (4000, 1000)])
def test_the_size_alone_gives_an_estimate(size: int, tokens: int) -> None:
    assert bytes_tokens(size) == tokens


DENSE = st.text(st.sampled_from('a1 Bb.\n\té世жЖ🙂\x01\\"'), min_size=50)
"""Where each character may be a token of its own, and none is left to those around it."""


@given(text=st.text() | st.text(st.characters(codec="ascii")) | DENSE, ascii_only=st.booleans())
def test_the_upper_estimate_is_above_what_the_simulator_bills(text: str, ascii_only: bool) -> None:
    """It bills :func:`request_tokens` of what it is sent."""
    body = json.dumps({"messages": [{"role": "user", "content": text}]}, ensure_ascii=ascii_only)
    counted = request_tokens(Request("m", (Message("user", (Text(text),)),)))
    assert most_body_tokens(body.encode("utf-8", "surrogatepass")) > counted


A_STORY = b'{"model":"m","max_tokens":400,"messages":[{"role":"user","content":"tell me a long story"}]}'


@pytest.mark.parametrize(
    ("body", "least", "most"),
    [
        pytest.param(A_STORY, 10, 80, id="five words, and no room for tools that are not there"),
        pytest.param(A_STORY[:-1] + b',"tools":[]}', 10 + TOOLS_PROMPT, 100 + TOOLS_PROMPT, id="tools"),
        pytest.param(b"words of prose, " * 250, 1_000, 2_000, id="prose"),
        pytest.param(
            b"x" * 100_000, 50_000 + TOOLS_PROMPT, 50_000 + TOOLS_PROMPT, id="too long to be looked at"
        ),
        pytest.param(b"base64" + b"A" * 1_000, 503, 503, id="a picture"),
    ],
)
def test_the_upper_estimate_is_near(body: bytes, least: int, most: int) -> None:
    assert least <= most_body_tokens(body) <= most


def test_what_is_smaller_than_the_window_fits() -> None:
    model = a_model(context_window=100_000, max_input=50_000)
    assert fits_surely(50_000 - HIDDEN_PROMPT, model)
    assert not fits_surely(50_001 - HIDDEN_PROMPT, model)
    assert not fits_surely(100, model, media=True)


def test_the_least_counts_text_low_and_media_not_at_all() -> None:
    words = "Hello world, how are you today?"
    parts = (Text(words), PICTURE, Document(Source("base64", "A" * 4000)), RedactedThinking("x" * 400))
    request = Request("m", (Message("user", parts),))
    assert least_request_tokens(request) == MESSAGE_OVERHEAD + least_tokens(words)
    assert least_tokens(words) < count_text(words)


@pytest.mark.parametrize("part", [part for part, _ in PARTS])
def test_the_least_is_never_above_the_estimate(part: Part) -> None:
    request = Request("m", (Message("user", (part,)),))
    assert least_request_tokens(request) <= request_tokens(request)
