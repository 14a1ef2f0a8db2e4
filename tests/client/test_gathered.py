from __future__ import annotations

import pytest

from pointsman import ChatChunk, Usage
from pointsman.chat import (
    PartEnd,
    Refusal,
    RefusalDelta,
    Response,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallStart,
)
from pointsman.client.gathered import Gathered

START = StreamStart("id", "m")
END = StreamEnd(Stop.END, Usage(input=1, output=2))


@pytest.mark.parametrize(
    ("events", "chunks", "parts"),
    [
        (
            [TextDelta(0, "By "), TextDelta(0, ""), TextDelta(0, "gate 2."), PartEnd(0)],
            [ChatChunk(text="By "), ChatChunk(text="gate 2.")],
            (Text("By gate 2."),),
        ),
        (
            [TextDelta(1, "Yes."), ThinkingDelta(0, "Hm."), ThinkingDelta(0, "", "signature")],
            [ChatChunk(text="Yes."), ChatChunk(thinking="Hm.")],
            (Thinking("Hm.", "signature"), Text("Yes.")),
        ),
        (
            [
                ToolCallStart(0, "a", "f"),
                ToolCallStart(1, "b", "g"),
                ToolCallDelta(1, '{"x":'),
                ToolCallDelta(0, ""),
                ToolCallDelta(1, "1}"),
            ],
            [
                ChatChunk(tool="f"),
                ChatChunk(tool="g"),
                ChatChunk(arguments='{"x":'),
                ChatChunk(arguments="1}"),
            ],
            (ToolCall("a", "f", "{}"), ToolCall("b", "g", '{"x":1}')),
        ),
        ([RefusalDelta(0, "I will "), RefusalDelta(0, "not.")], [], (Refusal("I will not."),)),
        ([], [], ()),
    ],
)
def test_events_become_chunks_and_a_whole(
    events: list[StreamEvent], chunks: list[ChatChunk], parts: tuple[object, ...]
) -> None:
    gathered = Gathered()
    shown = [gathered.add(event) for event in (START, *events, END)]
    assert [chunk for chunk in shown if chunk is not None] == chunks
    assert gathered.response() == Response("id", "m", parts, Stop.END, END.usage)  # type: ignore[arg-type]  # of parts


def test_there_is_no_whole_before_the_end() -> None:
    gathered = Gathered()
    for event in (START, TextDelta(0, "By ")):
        gathered.add(event)
        assert gathered.response() is None
