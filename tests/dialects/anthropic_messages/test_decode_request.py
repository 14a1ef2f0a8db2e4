from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import CacheHint, Document, Reasoning, Source, Text, ToolCall, ToolResult
from pointsman.dialects.anthropic_messages.decode_request import decode_count_request, decode_request
from pointsman.dialects.anthropic_messages.wire import WireBlock, WireRequest
from pointsman.errors import InvalidRequest, PointsmanError, RequestError, UntranslatableRequest
from tests.support.anthropic_wire import REQUESTS, SCHEMA, ask, blocks, user, wire


@pytest.mark.parametrize("name", REQUESTS)
def test_what_the_wire_says_is_what_the_hub_holds(name: str) -> None:
    sent, meant = REQUESTS[name]
    assert decode_request(msgspec.json.encode(sent)) == meant


def test_arguments_keep_the_bytes_that_were_sent() -> None:
    body = (
        b'{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":'
        b'[{"type":"tool_use","id":"t","name":"f","input":{"b": 1e2,  "a":"\\u00e9"}}]}]}'
    )
    (part,) = decode_request(body).messages[0].parts
    assert part == ToolCall("t", "f", '{"b": 1e2,  "a":"\\u00e9"}')


def test_a_cache_control_at_the_top_stands_for_one_on_the_last_block() -> None:
    sent = wire(
        blocks({"type": "text", "text": "a"}, {"type": "text", "text": "b"}), cache_control={"ttl": "1h"}
    )
    meant = ask(user(Text("a"), Text("b", CacheHint("1h"))))
    assert decode_request(msgspec.json.encode(sent)) == meant


def test_what_the_hub_has_no_word_for_is_kept_by_name() -> None:
    sent = wire(
        thinking={"type": "between_tools"},
        output_config={"effort": "low", "task_budget": 5},
        metadata={"user_id": None, "trace": "t"},
        tools=[{"type": "custom", "name": "f", "input_schema": SCHEMA, "defer_loading": True}],
        mcp_servers=[],
        container=None,
    )
    request = decode_request(msgspec.json.encode(sent))
    assert request.reasoning == Reasoning(mode="adaptive", effort="low")
    assert request.unmapped == {
        "thinking.type": "between_tools",
        "output_config.task_budget": 5,
        "metadata.trace": "t",
        "tools.defer_loading": True,
        "mcp_servers": [],
    }


def test_system_turns_and_a_document_of_blocks() -> None:
    source = {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    sent = wire(
        blocks({"type": "document", "source": source, "title": None, "citations": None}),
        {"role": "system", "content": "From now on in French."},
    )
    request = decode_request(msgspec.json.encode(sent))
    assert request.messages[0].parts == (Document(Source("text", "a\nb", "text/plain")),)
    assert (request.messages[1].role, request.messages[1].parts) == (
        "system",
        (Text("From now on in French."),),
    )


@pytest.mark.parametrize("content", [None, "", []])
def test_an_empty_tool_result_stays_one(content: Any) -> None:
    sent = wire(blocks({"type": "tool_result", "tool_use_id": "t", "content": content}))
    (part,) = decode_request(msgspec.json.encode(sent)).messages[0].parts
    assert isinstance(part, ToolResult)
    assert "".join(inner.text for inner in part.parts if isinstance(inner, Text)) == ""


_FAULTS: dict[str, tuple[dict[str, Any], type[PointsmanError], str, str]] = {
    "no model": ({"messages": [], "max_tokens": 1}, InvalidRequest, "model", "model: Field required"),
    "no messages": ({"model": "m", "max_tokens": 1}, InvalidRequest, "messages", "messages: Field required"),
    "empty model": (wire(model=""), InvalidRequest, "model", "at least 1 character"),
    "empty messages": (wire() | {"messages": []}, InvalidRequest, "messages", "at least one"),
    "no max_tokens": (wire(max_tokens=None), InvalidRequest, "max_tokens", "max_tokens: Field required"),
    "a role": (wire({"role": "tool", "content": ""}), InvalidRequest, "messages[0].role", "'tool'"),
    "content": (wire({"role": "user", "content": 3}), InvalidRequest, "messages[0].content", "got `int`"),
    "no content": (wire({"role": "user"}), InvalidRequest, "messages[0].content", "Field required"),
    "text": (wire(blocks({"type": "text"})), InvalidRequest, "messages[0].content[0].text", "Field required"),
    "system": (wire(system=[{"type": "image"}]), InvalidRequest, "system[0].type", "'text'"),
    "no source": (
        wire(blocks({"type": "image"})),
        InvalidRequest,
        "messages[0].content[0].source",
        "Field required",
    ),
    "no url": (
        wire(blocks({"type": "image", "source": {"type": "url"}})),
        InvalidRequest,
        "messages[0].content[0].source.url",
        "Field required",
    ),
    "bad source": (
        wire(blocks({"type": "image", "source": {"type": "url", "url": 4}})),
        InvalidRequest,
        "messages[0].content[0].source.url",
        "got `int`",
    ),
    "input": (
        wire(blocks({"type": "tool_use", "id": "t", "name": "f", "input": "x"})),
        InvalidRequest,
        "messages[0].content[0].input",
        "dictionary",
    ),
    "result in result": (
        wire(
            blocks(
                {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "thinking", "thinking": ""}]}
            )
        ),
        InvalidRequest,
        "messages[0].content[0].content[0].type",
        "not allowed",
    ),
    "result of a server": (
        wire(blocks({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "search_result"}]})),
        UntranslatableRequest,
        "messages[0].content[0].content[0]",
        "search_result",
    ),
    "server tool block": (
        wire(blocks({"type": "web_search_tool_result", "content": {"error_code": "x"}})),
        UntranslatableRequest,
        "messages[0].content[0]",
        "web_search_tool_result",
    ),
    "search result": (
        wire(blocks({"type": "search_result", "source": "https://a", "content": []})),
        UntranslatableRequest,
        "messages[0].content[0]",
        "search_result",
    ),
    "images in a document": (
        wire(blocks({"type": "document", "source": {"type": "content", "content": [{"type": "image"}]}})),
        UntranslatableRequest,
        "messages[0].content[0].source.content[0]",
        "image",
    ),
    "server tool": (
        wire(tools=[{"type": "web_search_20250305", "name": "web_search"}]),
        UntranslatableRequest,
        "tools[0]",
        "'web_search'",
    ),
    "tool without a name": (wire(tools=[{"input_schema": {}}]), InvalidRequest, "tools[0].name", "required"),
    "tool without schema": (wire(tools=[{"name": "f"}]), InvalidRequest, "tools[0].input_schema", "required"),
    "choice without name": (
        wire(tool_choice={"type": "tool"}),
        InvalidRequest,
        "tool_choice.name",
        "required",
    ),
    "choice": (wire(tool_choice={"type": "force"}), InvalidRequest, "tool_choice.type", "'force'"),
    "effort": (wire(output_config={"effort": 3}), InvalidRequest, "output_config.effort", "string"),
    "format": (
        wire(output_config={"format": {"type": "json_object"}}),
        InvalidRequest,
        "output_config.format.type",
        "json_schema",
    ),
    "format without schema": (
        wire(output_config={"format": {"type": "json_schema"}}),
        InvalidRequest,
        "output_config.format.schema",
        "required",
    ),
    "thinking": (wire(thinking={"type": "much"}), InvalidRequest, "thinking.type", "'much'"),
}


@pytest.mark.parametrize("name", _FAULTS)
def test_a_fault_is_named_with_its_path(name: str) -> None:
    body, kind, param, words = _FAULTS[name]
    with pytest.raises(kind) as caught:
        decode_request(msgspec.json.encode(body))
    assert caught.value.param == param
    assert words in caught.value.message
    assert caught.value.status == 400


def test_deep_nesting_is_a_fault_of_the_request() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        decode_request(b'{"model":"m","max_tokens":1,"messages":[],"metadata":' + deep + b"}")


def test_counting_needs_no_max_tokens() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    assert decode_count_request(msgspec.json.encode(body)).max_output is None


@pytest.mark.parametrize(
    "body",
    [
        rb'{"model":"\ud800","max_tokens":1,"messages":[{"role":"user","content":"a"}]}',
        rb'{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"\ud800"}]}',
        rb'{"model":"m","max_tokens":1,"new":"\ud800","messages":[{"role":"user","content":"a"}]}',
        rb'{"model":"m","max_tokens":1,"messages":[{"role":"user","content":'
        rb'[{"type":"tool_result","tool_use_id":"t","content":"\ud800"}]}]}',
        rb'{"model":"m","max_tokens":1,"messages":[{"role":"user","content":'
        rb'[{"type":"document","source":{"type":"file","file_id":"f"},"citations":"\ud800"}]}]}',
    ],
)
def test_half_a_character_is_a_fault_of_the_request(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="not valid JSON"):
        decode_request(body)


_keys = st.sampled_from(
    [*WireRequest.__struct_fields__, *WireBlock.__struct_fields__, "url", "format", "effort", "schema"]
)
_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_keys, _json_values, max_size=4), st.sampled_from(sorted(REQUESTS)))
def test_no_body_is_more_than_a_fault(fields: dict[str, Any], name: str) -> None:
    body = msgspec.json.encode(REQUESTS[name][0] | fields)
    try:
        request = decode_request(body)
    except RequestError as error:
        assert error.status == 400
    else:
        assert request.model


@given(
    _json_values, st.sampled_from(["text", "image", "document", "tool_use", "tool_result", "thinking", "x"])
)
def test_no_block_is_more_than_a_fault(value: Any, kind: str) -> None:
    block = {"type": kind, "source": value, "content": value, "input": value, "citations": value, "text": "a"}
    body = msgspec.json.encode(wire(blocks(block | {"id": "i", "name": "n", "tool_use_id": "t"})))
    try:
        (part,) = decode_request(body).messages[0].parts
    except RequestError as error:
        assert error.param is not None
        assert error.param.startswith("messages[0].content[0]")
    else:
        assert kind in ("text", "image", "document", "tool_use", "tool_result")
        assert part is not None
