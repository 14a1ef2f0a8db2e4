from __future__ import annotations

import msgspec
import pytest
from openai.types.chat import chat_completion_message

from pointsman.dialects.openai_chat import wire


def test_the_fields_of_a_message_are_those_of_the_sdk() -> None:
    """A field that the SDK learns must be looked at here: read it, or know why not."""
    not_read = {"annotations"}  # citations of the answer; no dialect takes them back
    theirs = set(chat_completion_message.ChatCompletionMessage.model_fields)
    assert theirs - not_read <= set(wire.Message.__struct_fields__)


@pytest.mark.parametrize(
    ("message", "thinking"),
    [
        (wire.Message(reasoning_content="a", reasoning="b"), "a"),
        (wire.Message(reasoning="b"), "b"),
        (wire.Message(reasoning={"x": 1}), ""),
        (wire.Message(), ""),
    ],
)
def test_reasoning_by_either_name(message: wire.Message, thinking: str) -> None:
    assert message.thinking == thinking


def test_loose_servers_are_read() -> None:
    body = b'{"id":null,"created":1.5,"choices":[{"index":null,"delta":{"role":null,"content":null}}],"x":1}'
    chunk = msgspec.json.decode(body, type=wire.Chunk)
    assert chunk.choices is not None
    assert chunk.choices[0].delta == wire.Message()
