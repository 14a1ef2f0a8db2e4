"""How a conversation begins, which is what it is known by in all of its turns. Pure."""

from __future__ import annotations

import msgspec

from .sample import Sample

_SYSTEM_ROLES = frozenset({"system", "developer"})


class _Part(msgspec.Struct, gc=False):
    text: str = ""


class _Turn(msgspec.Struct, gc=False):
    role: str
    content: str | list[_Part] | None = None


class _Body(msgspec.Struct, gc=False):
    messages: list[msgspec.Raw]
    system: str | list[_Part] | None = None


class _Tools(msgspec.Struct, gc=False):
    tools: msgspec.Raw = msgspec.Raw()


_tools = msgspec.json.Decoder(_Tools)
_bodies = msgspec.json.Decoder(_Body)
_turns = msgspec.json.Decoder(_Turn)


def opening_in(body: bytes, sample: Sample | None) -> tuple[str, str] | None:
    """The same, from the sample of the body where that tells it: in a first turn."""
    if sample is not None and sample.turns == 1:
        return sample.system, sample.text
    return read_opening(body)


def read_opening(body: bytes) -> tuple[str, str] | None:
    """System prompt and first message of the user, as text; None if there is no such thing. Where the texts
    stand in parts does not matter: marks for the cache, which move from turn to turn, are parts of their own.
    """
    try:
        parsed = _bodies.decode(body)
        system = _text(parsed.system)
        systems = [system] if system else []
        for raw in parsed.messages:
            turn = _turns.decode(raw)
            if turn.role in _SYSTEM_ROLES:
                systems.append(_text(turn.content))
            elif turn.role == "user":
                return "\n".join(systems), _text(turn.content)
    except msgspec.DecodeError:
        return None
    return None


def read_tools(body: bytes) -> bytes:
    """As they stand in it; b"" for none. Prompts begin with them, before the system prompt."""
    try:
        return bytes(_tools.decode(body).tools)
    except msgspec.DecodeError:
        return b""


def _text(content: str | list[_Part] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part.text for part in content)
