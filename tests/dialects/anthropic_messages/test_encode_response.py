from __future__ import annotations

import msgspec
import pytest
from anthropic.types import Message

from pointsman.chat import Refusal, Response, Stop, Text, Thinking, ToolCall, Usage
from pointsman.dialects.anthropic_messages.encode_response import encode_response
from tests.support.anthropic_answers import RESPONSES, answer
from tests.support.anthropic_wire import MODEL


@pytest.mark.parametrize("name", RESPONSES)
def test_what_the_hub_holds_is_what_the_wire_says(name: str) -> None:
    wire, meant = RESPONSES[name]
    encoded = encode_response(meant)
    assert msgspec.json.decode(encoded) == wire
    Message.model_validate_json(encoded, strict=True)


@pytest.mark.parametrize("stop", Stop)
def test_every_stop_has_a_word_that_the_sdk_knows(stop: Stop) -> None:
    Message.model_validate_json(encode_response(answer(Text("a"), stop=stop)), strict=True)


def test_an_answer_of_another_dialect() -> None:
    response = Response(
        id="chatcmpl-1",
        model="gpt-test",
        parts=(
            Text(""),
            Thinking("Hm."),
            Text("Hi."),
            ToolCall("call:1", "f", '{"a":'),
            ToolCall("c2", "g", ""),
        ),
        stop=Stop.TOOL_CALLS,
        usage=Usage(
            input=5, output=7, cache_read=3, cache_write_30m=2, cache_write_12h=1, reasoning=4, tier="flex"
        ),
        created=1,
    )
    message = Message.model_validate_json(encode_response(response), strict=True)
    assert message.id == "msg_chatcmpl-1"
    assert message.model == "gpt-test"
    assert message.stop_reason == "tool_use"
    assert message.to_dict()["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {"type": "text", "text": "Hi."},
        {"type": "tool_use", "id": "call_1", "name": "f", "input": {"_invalid_json": '{"a":'}},
        {"type": "tool_use", "id": "c2", "name": "g", "input": {}},
    ]
    usage = message.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens) == (5, 7, 3)
    assert usage.cache_creation_input_tokens == 3
    assert usage.cache_creation is not None
    assert usage.cache_creation.ephemeral_5m_input_tokens == 2
    assert usage.cache_creation.ephemeral_1h_input_tokens == 1
    assert usage.output_tokens_details is not None
    assert usage.output_tokens_details.thinking_tokens == 4
    assert usage.service_tier == "standard"


def test_a_refusal_is_shown_and_told() -> None:
    message = Message.model_validate_json(encode_response(answer(Refusal("I cannot."), stop=Stop.END)))
    assert message.stop_reason == "refusal"
    assert message.to_dict()["content"] == [{"type": "text", "text": "I cannot."}]


def test_a_client_always_gets_counts() -> None:
    message = Message.model_validate_json(encode_response(answer(Text("a"), stop=Stop.END, usage=None)))
    assert (message.usage.input_tokens, message.usage.output_tokens) == (0, 0)
    assert message.model == MODEL
