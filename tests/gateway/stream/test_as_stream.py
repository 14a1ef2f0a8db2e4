from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.kept.replay import events_of
from pointsman.chat import (
    Message,
    Part,
    RedactedThinking,
    Refusal,
    Request,
    Response,
    Stop,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Usage,
)
from pointsman.dialects import get_dialect
from pointsman.gateway.stream.as_stream import as_stream
from pointsman.http1 import iter_events

REQUEST = Request("m", (Message("user", (Text("hello"),)),), stream=True, stream_usage=True)
PARTS = st.lists(
    st.one_of(
        st.builds(Text, st.text(min_size=1, max_size=30).filter(lambda text: text.strip() != "")),
        st.builds(ToolCall, st.uuids().map(str), st.sampled_from(["f", "g"]), st.just('{"a":1}')),
    ),
    min_size=1,
    max_size=4,
)


async def bytes_of(response: Response, dialect: str) -> bytes:
    stream = as_stream(response, get_dialect(dialect).stream_encoder(REQUEST))
    return b"".join([piece async for piece in stream])


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic_messages"])
@given(parts=PARTS)
async def test_the_stream_says_what_the_whole_answer_said(dialect: str, parts: list[Part]) -> None:
    usage = Usage(7, 11)
    response = Response("id1", "small", tuple(parts), Stop.END, usage, created=5)
    decoder = get_dialect(dialect).stream_decoder()
    events = [
        event
        for name, data in iter_events(await bytes_of(response, dialect))
        for event in decoder.feed(name, data)
    ]
    assert decoder.ended
    told = "".join(getattr(event, "text", "") + getattr(event, "arguments", "") for event in events)
    texts = "".join(part.text for part in parts if isinstance(part, Text))
    calls = [part for part in parts if isinstance(part, ToolCall)]
    assert sorted(told) == sorted(texts + "".join(call.arguments for call in calls))
    assert [getattr(event, "name", None) for event in events if hasattr(event, "name")] == [
        call.name for call in calls
    ]
    assert getattr(events[-1], "usage", None) == usage


def test_each_part_has_its_events_and_what_only_requests_have_has_none() -> None:
    parts: tuple[Part, ...] = (
        Thinking("hm", "sig"),
        RedactedThinking("xx"),
        ToolResult("c", ()),
        Refusal("no"),
    )
    kinds = [type(event).__name__ for event in events_of(Response("i", "m", parts, Stop.REFUSAL))]
    assert kinds == [
        "StreamStart",
        "ThinkingDelta",
        "PartEnd",
        "RedactedThinkingPart",
        "PartEnd",
        "RefusalDelta",
        "PartEnd",
        "StreamEnd",
    ]
