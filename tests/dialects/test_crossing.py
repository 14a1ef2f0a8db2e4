"""Through the hub from one dialect to the other and what the official SDKs make of the result.

One table each for requests, answers, streams and errors; every line goes both ways where both can say it.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from anthropic.types import Message as AnthropicMessage
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

from pointsman.chat import (
    Refusal,
    Response,
    Stop,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from pointsman.dialects.base import Dialect, Encoded, Target
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import (
    PointsmanError,
    UntranslatableRequest,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
)
from tests.support.anthropic_wire import SCHEMA, blocks, wire

_ANTHROPIC_PARAMS: TypeAdapter[Any] = TypeAdapter(MessageCreateParamsNonStreaming)
_OPENAI_PARAMS: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsNonStreaming)
_PNG = "iVBORw0KGgo="


def cross(body: dict[str, Any], source: Dialect, to: Dialect, target: Target) -> Encoded:
    return to.encode_request(source.decode_request(msgspec.json.encode(body)), target)


def function(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": SCHEMA} | more}


def call(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


# Requests that mean the same in both: Anthropic's body, OpenAI's body.
_SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": (
        wire(system="Be brief.", stop_sequences=["END"], temperature=0.25, metadata={"user_id": "u"}),
        {
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
            "stop": ["END"],
            "temperature": 0.25,
            "user": "u",
        },
    ),
    "images": (
        wire(
            blocks(
                {"type": "text", "text": "Compare."},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": _PNG}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.jpg"}},
            )
        ),
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "Compare."},
                        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_PNG}"}},
                        {"type": "image_url", "image_url": {"url": "https://example.com/a.jpg"}},
                    ],
                }
            ]
        },
    ),
    "tool loop": (
        wire(
            {"role": "user", "content": "Weather?"},
            blocks(
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Bern"}},
                {"type": "tool_use", "id": "c2", "name": "clock", "input": {}},
                role="assistant",
            ),
            blocks(
                {"type": "tool_result", "tool_use_id": "c1", "content": "12 °C"},
                {"type": "tool_result", "tool_use_id": "c2", "content": "noon"},
            ),
            tools=[
                {"name": "weather", "input_schema": SCHEMA, "description": "Tells it.", "strict": True},
                {"name": "clock", "input_schema": SCHEMA},
            ],
            tool_choice={"type": "any", "disable_parallel_tool_use": True},
        ),
        {
            "messages": [
                {"role": "user", "content": "Weather?"},
                {
                    "role": "assistant",
                    "content": "Let me look.",
                    "tool_calls": [call("c1", "weather", '{"city":"Bern"}'), call("c2", "clock", "{}")],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "12 °C"},
                {"role": "tool", "tool_call_id": "c2", "content": "noon"},
            ],
            "tools": [function("weather", description="Tells it.", strict=True), function("clock")],
            "tool_choice": "required",
            "parallel_tool_calls": False,
        },
    ),
    "one tool": (
        wire(
            tools=[{"name": "f", "input_schema": SCHEMA}],
            tool_choice={"type": "tool", "name": "f"},
        ),
        {
            "messages": [{"role": "user", "content": "Hi"}],
            "tools": [function("f")],
            "tool_choice": {"type": "function", "function": {"name": "f"}},
        },
    ),
    "schema": (
        wire(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}),
        {
            "messages": [{"role": "user", "content": "Hi"}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}},
        },
    ),
}


@pytest.mark.parametrize("name", _SAME)
def test_a_request_means_the_same_on_the_other_side(name: str) -> None:
    anthropic_body, openai_body = _SAME[name]
    openai_body = {"model": "gpt-test", "max_completion_tokens": 4096} | openai_body
    out = cross(anthropic_body, ANTHROPIC_MESSAGES, OPENAI_CHAT, Target("gpt-test"))
    assert (msgspec.json.decode(out.body), out.dropped) == (openai_body, ())
    _OPENAI_PARAMS.validate_python(openai_body)
    back = cross(openai_body, OPENAI_CHAT, ANTHROPIC_MESSAGES, Target("claude-test"))
    assert (msgspec.json.decode(back.body), back.dropped) == (anthropic_body, ())
    anthropic_body = {key: value for key, value in anthropic_body.items() if key != "temperature"}
    _ANTHROPIC_PARAMS.validate_python(anthropic_body)


def test_a_coding_agents_request_reaches_openai() -> None:
    body = wire(
        blocks({"type": "text", "text": "say hi", "cache_control": {"type": "ephemeral"}}),
        blocks(
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"path": "a.png"}},
            role="assistant",
        ),
        blocks(
            {
                "type": "tool_result",
                "tool_use_id": "toolu_1",
                "content": [
                    {"type": "text", "text": "a picture"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": _PNG}},
                ],
                "is_error": False,
            }
        ),
        system=[{"type": "text", "text": "You code.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        tools=[{"name": "Read", "input_schema": SCHEMA, "eager_input_streaming": True}],
        thinking={"type": "adaptive", "display": "summarized"},
        output_config={"effort": "medium"},
        metadata={"user_id": '{"device":"d"}'},
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        stream=True,
        max_tokens=128_000,
    )
    out = cross(body, ANTHROPIC_MESSAGES, OPENAI_CHAT, Target("gpt-test"))
    sent = msgspec.json.decode(out.body)
    _OPENAI_PARAMS.validate_python(sent | {"stream": False})
    assert [message["role"] for message in sent["messages"]] == [
        "system",
        "user",
        "assistant",
        "tool",
        "user",
    ]
    assert sent["reasoning_effort"] == "medium"
    assert sent["stream_options"] == {"include_usage": True}
    assert sent["messages"][3]["tool_call_id"] == "toolu_1"
    named = {"thinking", "thinking.display", "context_management", "tools.eager_input_streaming"}
    assert named <= set(out.dropped)


def test_an_openai_framework_request_reaches_anthropic() -> None:
    body = {
        "model": "gpt-test",
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
            {"role": "assistant", "content": None, "tool_calls": [call("functions.f:0", "f", "")]},
            {"role": "tool", "tool_call_id": "functions.f:0", "content": ""},
            {"role": "user", "content": "Go on."},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "temperature": 1.5,
        "top_p": 1,
        "n": 1,
        "logprobs": False,
        "presence_penalty": 0,
        "frequency_penalty": 0.5,
        "seed": 7,
        "response_format": {"type": "json_object"},
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    target = Target("claude-test", max_output=64_000)
    out = cross(body, OPENAI_CHAT, ANTHROPIC_MESSAGES, target)
    sent = msgspec.json.decode(out.body)
    assert sent.pop("temperature") == 1.0
    _ANTHROPIC_PARAMS.validate_python(sent | {"stream": False})
    assert set(out.dropped) == {
        "temperature>1",
        "top_p",
        "frequency_penalty",
        "seed",
        "response_format.json_object",
    }
    assert sent["max_tokens"] == 32_768
    assert sent["messages"] == [
        {"role": "user", "content": "Hi"},
        blocks({"type": "tool_use", "id": "functions_f_0", "name": "f", "input": {}}, role="assistant"),
        blocks(
            {"type": "tool_result", "tool_use_id": "functions_f_0", "content": ""},
            {"type": "text", "text": "Go on."},
        ),
    ]


_HI = [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 2},
        {"logprobs": True},
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
        {"web_search_options": {}},
        {"stop": "\n"},
    ],
)
def test_what_anthropic_cannot_do_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(UntranslatableRequest) as caught:
        cross(
            {"model": "m", "messages": _HI} | fields, OPENAI_CHAT, ANTHROPIC_MESSAGES, Target("claude-test")
        )
    assert caught.value.param in fields


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (wire(tools=[{"type": "web_search_20250305", "name": "web_search"}]), "tools[0]"),
        (wire(blocks({"type": "search_result"})), "messages[0].content[0]"),
        (wire(mcp_servers=[{"type": "url"}]), "mcp_servers"),
    ],
)
def test_what_openai_cannot_do_is_refused(body: dict[str, Any], param: str) -> None:
    with pytest.raises(UntranslatableRequest) as caught:
        cross(body, ANTHROPIC_MESSAGES, OPENAI_CHAT, Target("gpt-test"))
    assert caught.value.param == param


_USAGE = Usage(input=10, output=50, cache_read=4000, reasoning=20)

# An answer, its stop reason at Anthropic and its finish reason at OpenAI.
_ANSWERS: dict[str, tuple[Response, str, str]] = {
    "text": (Response("1", "m", (Text("Hello."),), Stop.END, _USAGE), "end_turn", "stop"),
    "cut": (Response("1", "m", (Text("Hel"),), Stop.LENGTH, _USAGE), "max_tokens", "length"),
    "window": (
        Response("1", "m", (Text("Hel"),), Stop.CONTEXT_WINDOW, _USAGE),
        "model_context_window_exceeded",
        "length",
    ),
    "calls": (
        Response(
            "1",
            "m",
            (Thinking("Hm."), Text("Look:"), ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "g", "{}")),
            Stop.TOOL_CALLS,
            _USAGE,
        ),
        "tool_use",
        "tool_calls",
    ),
    "refusal": (
        Response("1", "m", (Refusal("No."),), Stop.REFUSAL, _USAGE),
        "refusal",
        "content_filter",
    ),
    "stop sequence": (Response("1", "m", (Text("a"),), Stop.STOP_SEQUENCE, _USAGE), "stop_sequence", "stop"),
}


@pytest.mark.parametrize("name", _ANSWERS)
def test_an_answer_means_the_same_to_both_clients(name: str) -> None:
    response, stop_reason, finish_reason = _ANSWERS[name]
    to_openai = OPENAI_CHAT.encode_response(response)
    to_anthropic = ANTHROPIC_MESSAGES.encode_response(response)
    _judge(AnthropicMessage.model_validate_json(to_anthropic).to_dict(), stop_reason)
    completion = ChatCompletion.model_validate_json(to_openai)
    assert completion.choices[0].finish_reason == finish_reason
    _judge_openai(completion, response)


@pytest.mark.parametrize("name", ["text", "cut", "calls"])
def test_an_answer_survives_the_way_through_both_dialects(name: str) -> None:
    response, stop_reason, finish_reason = _ANSWERS[name]
    through_openai = OPENAI_CHAT.decode_response(OPENAI_CHAT.encode_response(response))
    message = ANTHROPIC_MESSAGES.encode_response(through_openai)
    _judge(AnthropicMessage.model_validate_json(message).to_dict(), stop_reason)
    back = OPENAI_CHAT.encode_response(ANTHROPIC_MESSAGES.decode_response(message))
    completion = ChatCompletion.model_validate_json(back)
    assert completion.choices[0].finish_reason == finish_reason
    _judge_openai(completion, response)


def _judge(message: dict[str, Any], stop_reason: str) -> None:
    assert message["id"].startswith("msg_")
    assert message["stop_reason"] == stop_reason
    usage = message["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (10, 4000, 50)
    assert usage["output_tokens_details"]["thinking_tokens"] == 20
    if stop_reason == "tool_use":
        assert message["content"] == [
            {"type": "thinking", "thinking": "Hm.", "signature": ""},
            {"type": "text", "text": "Look:"},
            {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "c2", "name": "g", "input": {}},
        ]


def _judge_openai(completion: ChatCompletion, response: Response) -> None:
    message = completion.choices[0].message
    texts = [part.text for part in response.parts if isinstance(part, Text)]
    assert (message.content or "") == "".join(texts)
    calls = [
        (call.id, call.function.name, call.function.arguments)
        for call in message.tool_calls or ()
        if call.type == "function"
    ]
    assert calls == [
        (part.id, part.name, part.arguments) for part in response.parts if isinstance(part, ToolCall)
    ]
    assert completion.usage is not None
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (4010, 50)


_ERRORS: list[tuple[PointsmanError, type[PointsmanError]]] = [
    (UpstreamRejected("bad field", status=400), UpstreamRejected),
    (UpstreamRejected("no such model", status=404, kind="not_found"), UpstreamRejected),
    (UpstreamRateLimited("slow down"), UpstreamRateLimited),
    (UpstreamUnavailable("oops", status=500), UpstreamUnavailable),
    (UpstreamUnavailable("busy", status=503), UpstreamUnavailable),
    (UpstreamUnavailable("Overloaded", status=529), UpstreamUnavailable),
]


@pytest.mark.parametrize("order", [(ANTHROPIC_MESSAGES, OPENAI_CHAT), (OPENAI_CHAT, ANTHROPIC_MESSAGES)])
@pytest.mark.parametrize(("error", "kind"), _ERRORS)
def test_an_error_means_the_same_on_the_other_side(
    error: PointsmanError, kind: type[PointsmanError], order: tuple[Dialect, Dialect]
) -> None:
    for dialect in order:
        error = dialect.decode_error(error.status, {}, dialect.encode_error(error, "req_1"))
        assert type(error) is kind
    assert error.message in ("bad field", "no such model", "slow down", "oops", "busy", "Overloaded")
