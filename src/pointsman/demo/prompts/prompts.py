"""The demo's prompts: what they are, and how ``prompts.jsonl`` is read.

A long text or a picture stands in the file as a placeholder, ``{{log 23 30000}}`` (kind, seed, characters) or
``{{picture bars}}``, and is made when the file is read.
"""

from __future__ import annotations

import pkgutil
import re
from typing import Any, Literal

import msgspec

from pointsman.demo.stage.long_text import long_text

from .picture import data_url

Kind = Literal[
    "chat",
    "code",
    "extraction",
    "classification",
    "tools",
    "conversation",
    "long_text",
    "translation",
    "maths",
    "summary",
    "vision",
]
Sdk = Literal["openai", "anthropic"]


class DemoTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function that the model may call; ``parameters`` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]


class DemoSchema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The JSON schema that the answer must follow."""

    name: str
    schema: dict[str, Any]


class DemoPrompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request of the demo, whatever SDK sends it."""

    id: str
    kind: Kind
    language: str
    """ISO 639-1 code of the language that the user writes in."""
    model: str
    sdk: Sdk
    stream: bool
    max_tokens: int
    messages: tuple[dict[str, Any], ...]
    """As OpenAI's chat completions spell them, without the system message."""
    system: str = ""
    tools: tuple[DemoTool, ...] = ()
    tool_choice: str | None = None
    """None: the model may choose. "required": some tool. Otherwise the name of the tool to call."""
    json_schema: DemoSchema | None = None
    note: str = ""


_PLACEHOLDER = re.compile(r"\{\{(?:picture ([a-z]+)|([a-z]+) (\d+) (\d+))\}\}")
_decode_line = msgspec.json.Decoder(DemoPrompt).decode


def _made(match: re.Match[str]) -> str:
    picture, kind, seed, characters = match.groups()
    return data_url(picture) if picture else long_text(kind, int(seed), int(characters))


def _filled(value: Any) -> Any:
    """``value`` with the placeholders in its strings replaced, however deep they are."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(_made, value)
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return value


def parse_prompts(text: str) -> tuple[DemoPrompt, ...]:
    """Read prompts from JSON lines.

    Raises:
        ValueError: a line is not a prompt, or two have the same id. Names the line.
    """
    prompts: dict[str, DemoPrompt] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            prompt = _decode_line(line)
        except msgspec.MsgspecError as error:
            raise ValueError(f"line {number} is not a prompt: {error}") from error
        if prompt.id in prompts:
            raise ValueError(f"line {number}: the id {prompt.id} is used twice")
        messages = tuple(_filled(message) for message in prompt.messages)
        prompts[prompt.id] = msgspec.structs.replace(prompt, messages=messages)
    return tuple(prompts.values())


def load_prompts() -> tuple[DemoPrompt, ...]:
    """The prompts that come with the package."""
    found = pkgutil.get_data("pointsman.demo.prompts", "prompts.jsonl")
    if found is None:
        raise FileNotFoundError("pointsman.demo.prompts/prompts.jsonl")
    return parse_prompts(found.decode())
