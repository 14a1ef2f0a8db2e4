"""Arguments of tool calls, and ids for calls that came without one."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from .thoughts import reveal

_MAX_ID = 40


def argument_text(arguments: str | dict[str, Any] | None) -> str:
    """The arguments as JSON text: "{}" for none.

    Broken JSON is kept as it stands. Models do write it, and a client that sends such a turn back needs
    the model to see what it wrote; how to wrap it is for dialects whose arguments are objects.
    """
    if isinstance(arguments, dict):  # Ollama and others send the object itself
        return msgspec.json.encode(arguments).decode()
    return arguments if arguments and not arguments.isspace() else "{}"


def mint_call_id(answer_id: str, position: int, name: str) -> str:
    """An id for a call that the provider gave none (Ollama, Gemini): the same for the same answer, and in
    the alphabet of the strictest dialect.
    """
    return _digest(f"{answer_id}\n{position}\n{name}")


def wire_call_id(call_id: str) -> str:
    """The id as OpenAI takes it: a longer one than 40 characters is refused there, so its digest stands for
    it, in the call and in its result alike. A signature that is hidden in it is left out.
    """
    call_id, _ = reveal(call_id)
    return call_id if len(call_id) <= _MAX_ID else _digest(call_id)


def _digest(text: str) -> str:
    return "call_" + hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
