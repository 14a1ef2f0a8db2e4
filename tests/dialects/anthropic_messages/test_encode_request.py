from __future__ import annotations

from typing import Any

import msgspec
import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pointsman.chat import Document, Reasoning, Request, ResponseFormat, Source, Text, Tool, ToolChoice
from pointsman.dialects.anthropic_messages.decode_request import decode_request
from pointsman.dialects.anthropic_messages.encode_request import JSON_ONLY, encode_request
from pointsman.dialects.base import Target
from pointsman.errors import InvalidRequest, UnsupportedByModel, UntranslatableRequest
from tests.support.anthropic_wire import MODEL, REQUESTS, SCHEMA, ask, assistant, user
from tests.support.hub_strategies import requests

TARGET = Target(MODEL)


def encoded(request: Request, target: Target = TARGET) -> tuple[dict[str, Any], tuple[str, ...]]:
    result = encode_request(request, target)
    return msgspec.json.decode(result.body), result.dropped


@pytest.mark.parametrize("name", REQUESTS)
def test_what_the_hub_holds_is_what_the_wire_says(name: str) -> None:
    wire, meant = REQUESTS[name]
    assert encoded(meant) == (wire, ())


@pytest.mark.parametrize("name", REQUESTS)
def test_the_sdk_takes_the_body(name: str) -> None:
    body, _ = encoded(REQUESTS[name][1])
    for sampling in ("temperature", "top_p", "top_k"):
        body.pop(sampling, None)  # the newest SDK has no word for them any more
    TypeAdapter(MessageCreateParamsStreaming).validate_python(body | {"stream": True})


@given(requests())
def test_nothing_is_lost_on_the_way_there_and_back(request: Request) -> None:
    result = encode_request(request, Target(request.model))
    assert result.dropped == ()
    assert decode_request(result.body) == request


def test_the_model_is_the_targets() -> None:
    body, _ = encoded(ask(), Target("claude-other"))
    assert body["model"] == "claude-other"


@pytest.mark.parametrize(
    ("fields", "target", "sent", "dropped"),
    [
        ({"temperature": 1.7}, TARGET, {"temperature": 1.0}, ("temperature>1",)),
        ({"temperature": 0.0, "top_p": 0.5}, TARGET, {"temperature": 0.0}, ("top_p",)),
        ({"top_p": 0.5, "top_k": 3}, TARGET, {"top_p": 0.5, "top_k": 3}, ()),
        (
            {"temperature": 1.0, "top_p": 1.0, "top_k": 3},
            Target(MODEL, accepts_sampling=False),
            {},
            ("temperature", "top_p", "top_k"),
        ),
    ],
)
def test_sampling_goes_as_far_as_the_model_takes_it(
    fields: dict[str, Any], target: Target, sent: dict[str, Any], dropped: tuple[str, ...]
) -> None:
    body, names = encoded(ask(**fields), target)
    assert {name: body[name] for name in ("temperature", "top_p", "top_k") if name in body} == sent
    assert names == dropped


def test_who_thinks_takes_no_sampling_but_the_widest() -> None:
    body, dropped = encoded(ask(reasoning=Reasoning(mode="adaptive"), temperature=0.5, top_p=0.99))
    assert (body["top_p"], dropped) == (0.99, ("temperature",))
    _, dropped = encoded(ask(reasoning=Reasoning(mode="adaptive"), top_k=3, top_p=0.5))
    assert dropped == ("top_p", "top_k")
    body, dropped = encoded(ask(reasoning=Reasoning(mode="off"), temperature=0.5))
    assert (body["temperature"], dropped) == (0.5, ())


@pytest.mark.parametrize(
    ("sampling", "parts", "version"),
    [
        (None, (Text("a"),), "2023-06-01"),
        (True, (Text("a"),), "2023-06-01"),
        (False, (Text("a"),), "2026-10-21"),
        (False, (Document(Source("text", "d", "text/plain")),), "2023-06-01"),
    ],
)
def test_the_version_is_the_newest_that_takes_the_body(
    sampling: bool | None, parts: tuple[Any, ...], version: str
) -> None:
    request = ask(assistant(*parts), user(Text("Hi")))
    result = encode_request(request, Target(MODEL, accepts_sampling=sampling))
    assert result.headers == (("anthropic-version", version),)


def test_json_mode_becomes_an_instruction_and_is_named() -> None:
    for wanted in (ResponseFormat("json_object"), ResponseFormat("json_schema", name="x")):
        body, dropped = encoded(ask(system=(Text("Be brief."),), response_format=wanted))
        assert body["system"] == [{"type": "text", "text": "Be brief."}, {"type": "text", "text": JSON_ONLY}]
        assert "output_config" not in body
        assert dropped == ("response_format.json_object",)


def test_a_schema_crosses_without_its_label() -> None:
    wanted = ResponseFormat("json_schema", name="n", schema=SCHEMA, strict=True, description="d")
    body, dropped = encoded(ask(response_format=wanted))
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
    assert dropped == ("response_format.description",)
    assert "output_config" not in encoded(ask(response_format=ResponseFormat("text")))[0]


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"tool_choice": ToolChoice("auto")}, {"type": "auto"}),
        ({"tool_choice": ToolChoice("required"), "parallel_tools": True}, {"type": "any"}),
        (
            {"tool_choice": ToolChoice("required"), "parallel_tools": False},
            {"type": "any", "disable_parallel_tool_use": True},
        ),
        ({"tool_choice": ToolChoice("none"), "parallel_tools": False}, {"type": "none"}),
        ({"parallel_tools": False}, {"type": "auto", "disable_parallel_tool_use": True}),
        ({"parallel_tools": True}, None),
    ],
)
def test_tool_choice(fields: dict[str, Any], sent: dict[str, Any] | None) -> None:
    body, dropped = encoded(ask(tools=(Tool("f", SCHEMA),), **fields))
    assert (body.get("tool_choice"), dropped) == (sent, ())


def test_a_choice_without_tools_says_nothing() -> None:
    assert "tool_choice" not in encoded(ask(tool_choice=ToolChoice("auto"), parallel_tools=False))[0]


@pytest.mark.parametrize("choice", [ToolChoice("required"), ToolChoice("tool", "f")])
def test_a_model_that_cannot_be_forced_is_not(choice: ToolChoice) -> None:
    request = ask(tools=(Tool("f", SCHEMA),), tool_choice=choice)
    with pytest.raises(UnsupportedByModel) as caught:
        encode_request(request, Target(MODEL, accepts_forced_tools=False))
    assert caught.value.param == "tool_choice"


def test_a_schema_without_a_type_is_of_an_object() -> None:
    body, _ = encoded(ask(tools=(Tool("f", {}),)))
    assert body["tools"] == [{"name": "f", "input_schema": {"type": "object"}}]


@pytest.mark.parametrize("text", ["", "\n", " \t"])
def test_a_stop_sequence_of_white_space_is_refused(text: str) -> None:
    with pytest.raises(UntranslatableRequest) as caught:
        encode_request(ask(stop=("END", text)), TARGET)
    assert caught.value.param == "stop"


@pytest.mark.parametrize(
    ("tier", "sent", "dropped"),
    [
        ("", None, ()),
        ("auto", "auto", ()),
        ("default", "standard_only", ()),
        ("flex", None, ("service_tier=flex",)),
    ],
)
def test_tiers(tier: str, sent: str | None, dropped: tuple[str, ...]) -> None:
    body, names = encoded(ask(tier=tier))
    assert (body.get("service_tier"), names) == (sent, dropped)


@given(st.text())
def test_the_user_is_metadata(name: str) -> None:
    body, _ = encoded(ask(user=name))
    assert body.get("metadata", {"user_id": ""}) == {"user_id": name}


def test_a_schema_that_is_nested_too_deeply() -> None:
    schema: dict[str, Any] = {}
    for _ in range(100_000):
        schema = {"type": "object", "properties": schema}
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        encode_request(ask(tools=(Tool("f", schema),)), TARGET)
    while schema:  # taken apart step by step, as the interpreter would otherwise recurse
        schema = schema.get("properties", {})
