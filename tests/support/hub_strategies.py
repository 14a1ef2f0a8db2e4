"""Requests of the hub that Anthropic can say without loss, for property tests."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Message,
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

words = st.text(min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
names = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
caches = st.none() | st.builds(CacheHint, st.sampled_from(["", "5m", "1h"]))
objects: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(max_size=5),
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5),
    max_size=3,
)
schemas = objects.map(lambda properties: {"type": "object", "properties": properties})
texts = st.builds(Text, words, caches)
images = st.builds(
    Image,
    st.builds(
        Source, st.just("base64"), st.just("iVBORw0KGgo="), st.sampled_from(["image/png", "image/webp"])
    )
    | st.builds(Source, st.sampled_from(["url", "file"]), words),
    cache=caches,
)
documents = st.builds(
    Document,
    st.builds(Source, st.just("base64"), st.just("JVBERi0="), st.just("application/pdf"))
    | st.builds(Source, st.just("text"), st.text(max_size=9), st.just("text/plain"))
    | st.builds(Source, st.sampled_from(["url", "file"]), words),
    title=st.text(max_size=5),
    context=st.text(max_size=5),
    citations=st.booleans(),
    cache=caches,
)
calls = st.builds(
    ToolCall, names, names, objects.map(lambda value: msgspec.json.encode(value).decode()), cache=caches
)
results = st.builds(
    ToolResult,
    names,
    st.lists(texts | images | documents, max_size=3).map(tuple),
    is_error=st.booleans(),
    cache=caches,
)
thoughts = st.builds(Thinking, st.text(max_size=9), names) | st.builds(RedactedThinking, names)

_user_turns = st.tuples(
    st.lists(results, max_size=2), st.lists(texts | images | documents, min_size=1, max_size=3)
).map(lambda both: Message("user", (*both[0], *both[1])))
_assistant_turns = st.lists(texts | calls | thoughts, min_size=1, max_size=4).map(
    lambda parts: Message("assistant", tuple(parts))
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    rounds = draw(st.lists(st.tuples(_user_turns, _assistant_turns), max_size=2))
    tools = draw(st.lists(_tools, max_size=2))
    stream = draw(st.booleans())
    return Request(
        model=draw(names),
        messages=(*(message for both in rounds for message in both), draw(_user_turns)),
        system=tuple(draw(st.lists(texts, max_size=2))),
        stream=stream,
        stream_usage=stream,
        max_output=draw(st.integers(2048, 64_000)),
        stop=tuple(draw(st.lists(words, max_size=2))),
        tools=tuple(tools),
        response_format=draw(st.none() | st.builds(ResponseFormat, st.just("json_schema"), schema=schemas)),
        user=draw(st.text(max_size=5)),
        tier=draw(st.sampled_from(["", "auto", "default"])),
        **draw(_choices if tools else st.just({})),
        **draw(_samplings | _reasonings),
    )


_tools = st.builds(
    Tool,
    names,
    schemas,
    description=st.text(max_size=5),
    strict=st.none() | st.booleans(),
    cache=caches,
)
_choices: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "tool_choice": st.builds(ToolChoice, st.sampled_from(["auto", "required"]))
        | st.builds(ToolChoice, st.just("tool"), names),
        "parallel_tools": st.sampled_from([None, False]),
    }
) | st.just({})
_samplings: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"top_k": st.none() | st.integers(1, 100)},
    optional={"temperature": st.floats(0, 1)},
) | st.fixed_dictionaries({"top_p": st.floats(0, 1)})
_reasonings: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"reasoning": st.builds(Reasoning, mode=st.just("off"), effort=st.sampled_from([None, "low", "high"]))}
)
