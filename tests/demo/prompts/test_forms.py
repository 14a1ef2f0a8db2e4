from __future__ import annotations

import anthropic
import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

from pointsman.demo.prompts.forms import anthropic_arguments, openai_arguments
from pointsman.demo.prompts.prompts import DemoPrompt, DemoSchema, DemoTool, load_prompts

PROMPTS = {prompt.id: prompt for prompt in load_prompts()}
OPENAI_FORM = TypeAdapter(CompletionCreateParamsNonStreaming)
ANTHROPIC_FORM = TypeAdapter(anthropic.types.message_create_params.MessageCreateParamsNonStreaming)
ASKED = {"role": "user", "content": "How many?"}
TOOL = DemoTool(name="count", description="Count.", parameters={"type": "object", "properties": {}})


def prompt(**changes: object) -> DemoPrompt:
    values = {
        "id": "x",
        "kind": "chat",
        "language": "en",
        "model": "m",
        "sdk": "openai",
        "stream": False,
        "max_tokens": 7,
        "messages": (ASKED,),
    }
    return DemoPrompt(**(values | changes))  # type: ignore[arg-type]  # a test's table of fields


@pytest.mark.parametrize("name", PROMPTS)
def test_both_sdks_know_every_argument(name: str) -> None:
    """The SDKs' own types are the referee."""
    whole = prompt(
        **{field: getattr(PROMPTS[name], field) for field in DemoPrompt.__struct_fields__} | {"stream": False}
    )
    OPENAI_FORM.validate_python(openai_arguments(whole))
    ANTHROPIC_FORM.validate_python(anthropic_arguments(whole))


@pytest.mark.parametrize("name", PROMPTS)
def test_anthropic_turns_alternate(name: str) -> None:
    roles = [turn["role"] for turn in anthropic_arguments(PROMPTS[name])["messages"]]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]


def test_the_least_that_can_be_asked() -> None:
    assert openai_arguments(prompt()) == {"model": "m", "messages": [ASKED], "max_completion_tokens": 7}
    assert anthropic_arguments(prompt()) == {"model": "m", "messages": [ASKED], "max_tokens": 7}


def test_system_stream_and_schema() -> None:
    asked = prompt(
        system="Be brief.", stream=True, json_schema=DemoSchema(name="n", schema={"type": "object"})
    )
    chat, messages = openai_arguments(asked), anthropic_arguments(asked)
    assert chat["messages"][0] == {"role": "system", "content": "Be brief."}
    assert chat["stream_options"] == {"include_usage": True}
    assert chat["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert messages["system"] == "Be brief." and messages["stream"] is True
    assert messages["output_config"]["format"] == {"type": "json_schema", "schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("choice", "chat", "messages"),
    [
        ("required", "required", {"type": "any"}),
        ("count", {"type": "function", "function": {"name": "count"}}, {"type": "tool", "name": "count"}),
    ],
)
def test_forced_tools(choice: str, chat: object, messages: object) -> None:
    asked = prompt(tools=(TOOL,), tool_choice=choice)
    assert openai_arguments(asked)["tool_choice"] == chat
    assert anthropic_arguments(asked)["tool_choice"] == messages


def test_results_of_parallel_calls_share_a_turn() -> None:
    (_, called, results) = anthropic_arguments(PROMPTS["tools-09"])["messages"]
    assert [block["type"] for block in called["content"]] == ["tool_use", "tool_use"]
    assert [block["tool_use_id"] for block in results["content"]] == ["call_porto", "call_trieste"]


def test_a_picture_crosses() -> None:
    content = anthropic_arguments(PROMPTS["vision-01"])["messages"][0]["content"]
    assert [part["type"] for part in content] == ["text", "image"]
    assert content[1]["source"]["media_type"] == "image/png"
    assert content[1]["source"]["data"].startswith("iVBOR")


def test_a_system_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="system field"):
        anthropic_arguments(prompt(messages=({"role": "system", "content": "x"},)))
