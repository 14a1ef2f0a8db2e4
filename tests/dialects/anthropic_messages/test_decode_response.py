from __future__ import annotations

import msgspec
import pytest

from pointsman.chat import Refusal, Stop, Text, ToolCall
from pointsman.dialects.anthropic_messages.decode_response import decode_response, read_usage
from pointsman.errors import UpstreamMalformed
from tests.support.anthropic_answers import FULL_USAGE, RESPONSES, message
from tests.support.anthropic_wire import MODEL


@pytest.mark.parametrize("name", RESPONSES)
def test_what_the_wire_says_is_what_the_hub_holds(name: str) -> None:
    wire, meant = RESPONSES[name]
    assert decode_response(msgspec.json.encode(wire)) == meant


def test_a_refusal_brings_its_explanation() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "Not this."}
    answer = decode_response(msgspec.json.encode(message(stop="refusal", stop_details=details)))
    assert (answer.stop, answer.parts) == (Stop.REFUSAL, (Refusal("Not this."),))
    silent = decode_response(msgspec.json.encode(message(stop="refusal", stop_details=None)))
    assert (silent.stop, silent.parts) == (Stop.REFUSAL, ())


def test_blocks_of_server_tools_and_of_the_future_are_passed_over() -> None:
    body = message(
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"type": "x"}]},
        {"type": "text", "text": "So.", "citations": [{"type": "char_location"}]},
        {"type": "hologram", "content": 3},
        stop="end_turn",
    )
    assert decode_response(msgspec.json.encode(body)).parts == (Text("So."),)


def test_usage_that_is_not_told_is_not_zero() -> None:
    body = message(stop="end_turn")
    del body["usage"]
    assert decode_response(msgspec.json.encode(body)).usage is None
    assert read_usage(msgspec.json.encode(body)) == (None, MODEL, "msg_1")


def test_arguments_that_are_no_object_are_kept() -> None:
    body = message({"type": "tool_use", "id": "t", "name": "f", "input": [1]}, stop="tool_use")
    (part,) = decode_response(msgspec.json.encode(body)).parts
    assert part == ToolCall("t", "f", '{"_invalid_json":"[1]"}')


def test_accounting_reads_three_fields_and_nothing_else() -> None:
    body = {"model": MODEL, "id": "msg_1", "content": "not even an array", "usage": FULL_USAGE[0]}
    assert read_usage(msgspec.json.encode(body)) == (FULL_USAGE[1], MODEL, "msg_1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"text"',
        b'{"id":"m"',
        b'{"id":1,"model":"m","content":[]}',
        b'{"id":"m","model":"m\xff","content":[]}',
        b'{"id":"m","model":"m","content":[],"usage":{"input_tokens":"1"}}',
    ],
)
def test_what_is_no_message_is_the_providers_fault(body: bytes) -> None:
    with pytest.raises(UpstreamMalformed, match="not an Anthropic message"):
        decode_response(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"usage":3}', b'{"id":"\xff"}'])
def test_accounting_refuses_what_is_no_message(body: bytes) -> None:
    with pytest.raises(UpstreamMalformed):
        read_usage(body)


def test_an_answer_lacking_its_content_is_malformed() -> None:
    with pytest.raises(UpstreamMalformed, match="content: Field required"):
        decode_response(b'{"id":"m","model":"m"}')


def test_bad_bytes_within_arguments_are_the_providers_fault() -> None:
    body = (
        b'{"id":"m","model":"m","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":"\xff"}}],'
        b'"stop_reason":"tool_use"}'
    )
    with pytest.raises(UpstreamMalformed, match="UTF-8"):
        decode_response(body)
