"""What routing reads of a request: the same from a body in either dialect and from a label's prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

_SYSTEM_ROLES = frozenset({"system", "developer"})
_TOOL_ROLES = frozenset({"tool", "function"})
_IMAGES = frozenset({"image", "image_url", "input_image"})


class Sample(msgspec.Struct, frozen=True, gc=False):
    """A prompt as routing sees it. Its texts are as the caller wrote them, whole."""

    text: str
    """Of the last turn of the user."""
    system: str = ""
    history: str = ""
    """Of the turns before it, whoever spoke, in their order."""
    turns: int = 1
    """Of the conversation, without the system prompt."""
    tools: int = 0
    images: int = 0
    structured: bool = False
    """An answer in a given schema is asked for."""
    route: str = ""
    tenant: str = ""

    @property
    def chars(self) -> int:
        return len(self.text) + len(self.system) + len(self.history)


class _Part(msgspec.Struct, gc=False):
    type: str = ""
    text: str = ""
    content: str | list[_Part] | None = None


class _Turn(msgspec.Struct, gc=False):
    role: str
    content: str | list[_Part] | None = None


_NULL = msgspec.Raw(b"null")
"""Not None, since msgspec takes only null for what may be Raw or None."""


_ABSENT = msgspec.Raw(b"null")  # a union of Raw and None would take null only


class _Body(msgspec.Struct, gc=False):
    messages: list[_Turn]
    system: str | list[_Part] | None = None
    tools: list[msgspec.Raw] | None = None
    response_format: msgspec.Raw = _NULL
    output_format: msgspec.Raw = _NULL
    output_config: dict[str, msgspec.Raw] | None = None


_bodies = msgspec.json.Decoder(_Body)


def read_body(body: bytes, *, route: str = "", tenant: str = "") -> Sample | None:
    """A request in the dialect of OpenAI chat or Anthropic messages; None if it cannot be read as one."""
    try:
        parsed = _bodies.decode(body)
    except msgspec.DecodeError:
        return None
    structured = (
        bytes(parsed.output_format) != b"null"
        or (parsed.output_config is not None and "format" in parsed.output_config)
        or b'"json_' in bytes(parsed.response_format)
    )
    return _sample(
        parsed.messages,
        _text(parsed.system),
        tools=len(parsed.tools or ()),
        structured=structured,
        route=route,
        tenant=tenant,
    )


def sample_of(prompt: str | Sequence[Any], *, route: str = "", tenant: str = "") -> Sample:
    """A prompt as labels have it: a text, or the messages of either dialect.

    Raises:
        msgspec.ValidationError: the messages are not such.
    """
    if isinstance(prompt, str):
        return Sample(text=prompt, route=route, tenant=tenant)
    turns = msgspec.convert(list(prompt), list[_Turn])
    return _sample(turns, "", tools=0, structured=False, route=route, tenant=tenant)


def _sample(
    turns: list[_Turn], system: str, *, tools: int, structured: bool, route: str, tenant: str
) -> Sample:
    said: list[tuple[bool, str]] = []
    """In their order: whether it is the user's, and the text. What tools gave is nobody's turn: a message of
    its own in the one dialect, a part of the user's turn in the other."""
    systems = [system] if system else []
    spoken = images = 0
    for turn in turns:
        images += _images(turn.content)
        if turn.role in _SYSTEM_ROLES:
            systems.append(_text(turn.content))
        elif turn.role in _TOOL_ROLES:
            said.append((False, _text(turn.content)))
        else:
            given, own = _parted(turn.content)
            said += [(False, text) for text in given]
            if own is not None:
                said.append((turn.role == "user", own))
                spoken += 1
    last = next((at for at in range(len(said) - 1, -1, -1) if said[at][0]), -1)
    return Sample(
        text=said[last][1] if last >= 0 else "",
        system="\n".join(systems),
        history="\n".join(text for _, text in said[: max(last, 0)]),
        turns=spoken,
        tools=tools,
        images=images,
        structured=structured,
        route=route,
        tenant=tenant,
    )


def _parted(content: str | list[_Part] | None) -> tuple[list[str], str | None]:
    """What tools gave, and what is said beside it; None where that is nothing at all."""
    if content is None or isinstance(content, str):
        return [], content or ""
    given = [_text(part.content) for part in content if part.type == "tool_result"]
    own = [part for part in content if part.type != "tool_result"]
    return given, _text(own) if own or not given else None


def _text(content: str | list[_Part] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part.text or _text(part.content) for part in content)


def _images(content: str | list[_Part] | None) -> int:
    if content is None or isinstance(content, str):
        return 0
    return sum((part.type in _IMAGES) + _images(part.content) for part in content)
