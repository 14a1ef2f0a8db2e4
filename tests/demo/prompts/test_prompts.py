from __future__ import annotations

import json
from collections import Counter

import pytest

from pointsman.catalog import Model, load_catalog
from pointsman.demo.prompts.prompts import DemoPrompt, load_prompts, parse_prompts

PROMPTS = load_prompts()
CATALOG = load_catalog()
AT_LEAST = {
    "chat": 8,
    "code": 8,
    "extraction": 6,
    "classification": 6,
    "tools": 8,
    "conversation": 6,
    "long_text": 6,
    "translation": 6,
    "maths": 5,
    "summary": 4,
    "vision": 4,
}


def model_of(prompt: DemoPrompt) -> Model:
    model = CATALOG.resolve(prompt.model)
    assert model is not None, prompt.model
    return model


def by_id(prompt: DemoPrompt) -> str:
    return prompt.id


def test_there_are_enough_of_every_kind() -> None:
    assert len(PROMPTS) >= 72
    counts: Counter[str] = Counter(prompt.kind for prompt in PROMPTS)
    assert set(counts) == set(AT_LEAST)
    assert all(counts[kind] >= least for kind, least in AT_LEAST.items()), counts


def test_no_two_prompts_are_the_same() -> None:
    assert len({prompt.id for prompt in PROMPTS}) == len(PROMPTS)
    assert len({json.dumps(prompt.messages) for prompt in PROMPTS}) == len(PROMPTS)


def test_they_are_spread_over_languages_sdks_and_streaming() -> None:
    languages = {prompt.language for prompt in PROMPTS}
    wanted = "en de fr es it pt pl tr ar hi zh ja ko ru"
    assert languages >= set(wanted.split())
    both = Counter((prompt.sdk, prompt.stream) for prompt in PROMPTS)
    assert len(both) == 4 and min(both.values()) >= len(PROMPTS) // 5, both


def test_every_provider_is_asked_through_both_sdks() -> None:
    crossings = Counter((prompt.sdk, model_of(prompt).provider) for prompt in PROMPTS)
    wanted = {
        (sdk, provider)
        for sdk in ("openai", "anthropic")
        for provider in ("anthropic", "openai", "gemini", "deepseek")
    }
    assert set(crossings) == wanted
    assert min(crossings.values()) >= 4, crossings


def test_some_code_prompts_are_in_other_programming_languages() -> None:
    assert len({prompt.note for prompt in PROMPTS if prompt.kind == "code"}) >= 10


def test_long_texts_are_long() -> None:
    lengths = [len(prompt.messages[0]["content"]) for prompt in PROMPTS if prompt.kind == "long_text"]
    assert min(lengths) >= 3_000 and max(lengths) >= 29_000


@pytest.mark.parametrize("prompt", PROMPTS, ids=by_id)
def test_the_model_can_do_what_is_asked(prompt: DemoPrompt) -> None:
    model, can = model_of(prompt), model_of(prompt).capabilities
    assert model.status != "retired"
    text = json.dumps(prompt.messages)
    assert "{{" not in text
    assert ("image_url" not in text) or can.vision is True
    assert not prompt.tools or can.tools is True
    assert prompt.tool_choice is None or can.forced_tool_choice is True
    assert prompt.json_schema is None or can.json_schema is True
    assert 0 < prompt.max_tokens <= (model.max_output or 0)
    assert len(text) / 2 + prompt.max_tokens < model.context_window


@pytest.mark.parametrize("prompt", PROMPTS, ids=by_id)
def test_the_conversation_is_well_formed(prompt: DemoPrompt) -> None:
    roles = [message["role"] for message in prompt.messages]
    assert roles[0] == "user" and roles[-1] in ("user", "tool")
    assert set(roles) <= {"user", "assistant", "tool"}
    called = [call["id"] for message in prompt.messages for call in message.get("tool_calls", ())]
    answered = [message["tool_call_id"] for message in prompt.messages if message["role"] == "tool"]
    assert answered == called
    names = {tool.name for tool in prompt.tools}
    assert prompt.tool_choice in {None, "required", *names}
    assert bool(prompt.tools) == (prompt.kind == "tools")


def test_tool_choices_are_free_and_forced() -> None:
    choices = Counter(prompt.tool_choice for prompt in PROMPTS if prompt.tools)
    assert choices[None] >= 3 and choices["required"] >= 1 and len(choices) >= 4
    assert any(len(prompt.tools) == 1 for prompt in PROMPTS)
    assert any(len(prompt.tools) > 2 for prompt in PROMPTS)


LINE = (
    '{"id": "a", "kind": "chat", "language": "en", "model": "m", "sdk": "openai", '
    '"stream": true, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}'
)


def test_blank_lines_are_nothing_and_placeholders_are_filled() -> None:
    (prompt,) = parse_prompts("\n" + LINE.replace('"hi"', '"see {{log 4 200}} {{picture bars}}"') + "\n\n")
    content = prompt.messages[0]["content"]
    assert content.startswith("see d1 0") and "data:image/png;base64,iVBOR" in content


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1 is not a prompt"),
        (LINE.replace('"openai"', '"soap"'), "soap"),
        (LINE.replace('"kind"', '"kindness"'), "kindness"),
        (LINE + "\n" + LINE, "line 2: the id a is used twice"),
    ],
)
def test_a_wrong_file_names_the_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_prompts(text)
