"""Which fields of a body part two requests: all but those that say the default."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.caching.equal.defaults import Told
from tests.support.asked import key_of, said
from tests.support.two_dialects import FACES

TOOLS: dict[str, Any] = {
    "openai_chat": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "anthropic_messages": [{"name": "f", "input_schema": {"type": "object"}}],
}
OPENAIS: Told = (("temperature", 1), ("top_p", 1), ("verbosity", "medium"))


def with_image(**more: Any) -> list[dict[str, Any]]:
    image = {"url": "https://example.com/a.png"} | more
    return [{"role": "user", "content": [{"type": "image_url", "image_url": image}]}]


def with_tool(**more: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": TOOLS["openai_chat"][0]["function"] | more}]


def with_format(**more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}} | more}


@pytest.mark.parametrize(
    ("dialect", "without", "default", "other"),
    [
        ("openai_chat", {}, {"n": 1}, {"n": 2}),
        ("openai_chat", {}, {"presence_penalty": 0}, {"presence_penalty": 0.1}),
        ("openai_chat", {}, {"frequency_penalty": 0.0}, {"frequency_penalty": -1}),
        ("openai_chat", {}, {"logprobs": False}, {"logprobs": True}),
        ("openai_chat", {}, {"top_logprobs": 0}, {"top_logprobs": 2}),
        ("openai_chat", {}, {"logit_bias": {}}, {"logit_bias": {"9": 1}}),
        ("openai_chat", {}, {"store": False}, {"store": True}),
        ("openai_chat", {}, {"modalities": ["text"]}, {"modalities": ["text", "audio"]}),
        (
            "openai_chat",
            {},
            {"response_format": {"type": "text"}},
            {"response_format": {"type": "json_object"}},
        ),
        ("openai_chat", {}, {"stop": []}, {"stop": ["x"]}),
        ("openai_chat", {}, {"stop": None}, {"stop": "x"}),
        ("openai_chat", {}, {"tools": [], "tool_choice": "none"}, {"tool_choice": "auto"}),
        ("openai_chat", {}, {"top_p": 1}, {"top_p": 0.99}),
        ("openai_chat", {}, {"top_p": 1.0, "temperature": 1}, {"temperature": 0}),
        ("openai_chat", {}, {"verbosity": "medium"}, {"verbosity": "low"}),
        ("openai_chat", {"tools": TOOLS[FACES[0]]}, {"tool_choice": "auto"}, {"tool_choice": "none"}),
        (
            "openai_chat",
            {"tools": TOOLS[FACES[0]]},
            {"parallel_tool_calls": True},
            {"parallel_tool_calls": False},
        ),
        (
            "openai_chat",
            {"tools": with_tool()},
            {"tools": with_tool(strict=False)},
            {"tools": with_tool(strict=True)},
        ),
        (
            "openai_chat",
            {"tools": with_tool()},
            {"tools": with_tool(description="")},
            {"tools": with_tool(description="d")},
        ),
        (
            "openai_chat",
            {"response_format": with_format()},
            {"response_format": with_format(strict=False)},
            {"response_format": with_format(strict=True)},
        ),
        (
            "openai_chat",
            {"messages": with_image()},
            {"messages": with_image(detail="auto")},
            {"messages": with_image(detail="low")},
        ),
        ("anthropic_messages", {}, {"stop_sequences": []}, {"stop_sequences": ["x"]}),
        ("anthropic_messages", {}, {"system": []}, {"system": "Be brief."}),
        ("anthropic_messages", {}, {"temperature": 1.0}, {"temperature": 0.5}),
        ("anthropic_messages", {}, {"tools": []}, {"tools": TOOLS[FACES[1]]}),
        (
            "anthropic_messages",
            {"tools": TOOLS[FACES[1]]},
            {"tool_choice": {"type": "auto"}},
            {"tool_choice": {"type": "any"}},
        ),
        (
            "anthropic_messages",
            {"tools": TOOLS[FACES[1]]},
            {"tool_choice": {"type": "auto", "disable_parallel_tool_use": False}},
            {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        ),
    ],
)
def test_to_say_the_default_is_to_say_nothing(
    dialect: str, without: dict[str, Any], default: dict[str, Any], other: dict[str, Any]
) -> None:
    keys = [key_of(said(dialect, **without | more), dialect, told=OPENAIS) for more in ({}, default, other)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize("more", [{"top_p": 1}, {"temperature": 1}, {"verbosity": "medium"}])
def test_how_one_samples_unless_told_is_the_providers_own(more: dict[str, Any]) -> None:
    assert key_of(said(FACES[0], **more), FACES[0]) != key_of(said(FACES[0]), FACES[0])


@pytest.mark.parametrize(
    ("dialect", "more"),
    [
        ("openai_chat", {"parallel_tool_calls": True}),
        ("openai_chat", {"reasoning_effort": "medium"}),
        ("openai_chat", {"tools": TOOLS[FACES[0]], "tool_choice": "required"}),
        ("anthropic_messages", {"thinking": {"type": "disabled"}}),
        ("anthropic_messages", {"top_p": 0.9}),
        ("anthropic_messages", {"top_k": 40}),
        ("anthropic_messages", {"max_tokens": 10}),
        ("anthropic_messages", {"output_config": {"effort": "high"}}),
        (
            "anthropic_messages",
            {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "H"}]},
        ),
    ],
)
def test_what_is_no_default_everywhere_matters(dialect: str, more: dict[str, Any]) -> None:
    """Some models think unless told not to, and who names parallel calls without tools is refused."""
    assert key_of(said(dialect, **more), dialect, told=OPENAIS) != key_of(
        said(dialect), dialect, told=OPENAIS
    )


_FIELDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "openai_chat": {
        "messages": ([{"role": "user", "content": "a"}], [{"role": "developer", "content": "a"}]),
        "max_completion_tokens": (8, 7),
        "temperature": (0, 0.5, 2),
        "top_p": (0.1, 0.2),
        "top_k": (1, 2),
        "n": (2, 3),
        "stop": ("a", ["a", "b"], ["b", "a"]),
        "seed": (0, 1),
        "presence_penalty": (1, -1),
        "frequency_penalty": (1, -1),
        "logit_bias": ({"1": 1}, {"1": 2}),
        "logprobs": (True,),
        "top_logprobs": (1, 2),
        "tools": (with_tool(strict=True), with_tool(name="g"), with_tool(parameters={}), with_tool() * 2),
        "response_format": (
            with_format(),
            with_format(name="o"),
            with_format(description="d"),
            {"type": "json_object"},
        ),
        "reasoning_effort": ("low", "high"),
        "verbosity": ("low", "high"),
        "modalities": (["audio"], ["text", "audio"]),
        "audio": ({"voice": "a"}, {"voice": "b"}),
        "prediction": ({"type": "content", "content": "a"}, {"type": "content", "content": "b"}),
        "web_search_options": ({}, {"search_context_size": "low"}),
        "functions": ([{"name": "f"}],),
        "store": (True,),
        "thinking": ({"type": "enabled"}, {"type": "disabled"}),
        "min_p": (0.1,),
        "repetition_penalty": (1.1,),
    },
    "anthropic_messages": {
        "messages": ([{"role": "user", "content": "a"}], [{"role": "user", "content": "b"}]),
        "max_tokens": (8, 7),
        "system": ("a", "b"),
        "temperature": (0, 0.5),
        "top_p": (0.1, 0.2),
        "top_k": (1, 2),
        "stop_sequences": (["a"], ["a", "b"]),
        "tools": (
            TOOLS[FACES[1]],
            [TOOLS[FACES[1]][0] | {"description": "d"}],
            [TOOLS[FACES[1]][0] | {"strict": True}],
        ),
        "thinking": (
            {"type": "enabled", "budget_tokens": 1024},
            {"type": "enabled", "budget_tokens": 2048},
            {"type": "disabled"},
        ),
        "output_config": (
            {"effort": "low"},
            {"effort": "max"},
            {"format": {"type": "json_schema", "schema": {}}},
        ),
        "container": ("c", "d"),
        "context_management": ({"edits": []}, {"edits": [{"type": "a"}]}),
        "mcp_servers": ([{"name": "a"}], [{"name": "b"}]),
        "speed": ("fast",),
        "inference_geo": ("us",),
    },
}


@pytest.mark.parametrize("dialect", FACES)
def test_each_value_of_each_field_of_the_dialects_has_a_key_of_its_own(dialect: str) -> None:
    keys = [key_of(said(dialect), dialect, told=OPENAIS)]
    for name, values in _FIELDS[dialect].items():
        keys += [key_of(said(dialect, **{name: value}), dialect, told=OPENAIS) for value in values]
    assert len(set(keys)) == len(keys)
