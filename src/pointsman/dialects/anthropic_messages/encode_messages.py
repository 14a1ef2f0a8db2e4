"""The conversation, as Anthropic wants it: turns that alternate, tool results before anything else."""

from __future__ import annotations

from typing import Any, Literal

from pointsman.chat import Message, Request, Text
from pointsman.dialects.base import Target
from pointsman.errors import InvalidRequest, UnsupportedByModel

from .encode_parts import encode_part, encode_text

_Turn = tuple[Literal["system", "user", "assistant"], list[dict[str, Any]]]


def encode_messages(request: Request, target: Target, dropped: list[str]) -> list[dict[str, Any]]:
    """``messages``.

    Neighbours of one role become one turn. Blank text is left out (Anthropic refuses it), and so is a turn
    without anything else. A final assistant turn is a prefill: white space at its end is cut, because
    Anthropic refuses that too, and named in ``dropped``.

    Raises:
        InvalidRequest: nothing is left to send.
        UnsupportedByModel: the conversation ends with the assistant and the model takes no prefill.
    """
    turns: list[_Turn] = []
    for n, message in enumerate(request.messages):
        _add(turns, message, f"messages[{n}]", target, dropped)
    if turns and turns[-1][0] == "assistant":
        _trim_prefill(turns, target, dropped)
    if not turns:
        raise InvalidRequest("messages: at least one message with content is required.", param="messages")
    return [{"role": role, "content": _content(blocks)} for role, blocks in turns]


def encode_system(
    texts: tuple[Text, ...], more: str, dropped: list[str]
) -> str | list[dict[str, Any]] | None:
    """``system``: plain text where that says it all. ``more``: an instruction of ours to put behind it."""
    if more:
        texts = (*texts, Text(more))
    encoded = (encode_text(text, dropped) for text in texts)
    blocks = [block for block in encoded if block is not None]
    return _content(blocks) if blocks else None


def _add(turns: list[_Turn], message: Message, path: str, target: Target, dropped: list[str]) -> None:
    if message.name:
        dropped.append("messages.name")
    encoded = (encode_part(part, f"{path}.parts[{n}]", dropped) for n, part in enumerate(message.parts))
    blocks = [block for block in encoded if block is not None]
    if not blocks:
        return
    role = message.role
    if role == "system" and not (target.accepts_system_turns and turns and turns[-1][0] == "user"):
        role = "user"
        blocks = _as_user(blocks)
        dropped.append("messages.role=system")
    if turns and turns[-1][0] == role:
        turns[-1][1].extend(blocks)
    else:
        turns.append((role, blocks))
    if role == "user":
        turns[-1][1].sort(key=_not_a_result)


def _not_a_result(block: dict[str, Any]) -> bool:
    return bool(block["type"] != "tool_result")


def _as_user(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An instruction in mid-conversation, for models that only take one at the start."""
    return [block | {"text": f"<system>\n{block['text']}\n</system>"} for block in blocks]


def _trim_prefill(turns: list[_Turn], target: Target, dropped: list[str]) -> None:
    if target.accepts_prefill is False:
        raise UnsupportedByModel(
            f"messages: the conversation ends with an assistant message, and {target.model} cannot continue "
            "one. End it with a user message.",
            param="messages",
        )
    blocks = turns[-1][1]
    last = blocks[-1]
    if last["type"] == "text" and last["text"][-1].isspace():
        blocks[-1] = last | {"text": last["text"].rstrip()}
        dropped.append("messages.trailing_whitespace")


def _content(blocks: list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """Plain text where one bare text block is all there is."""
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        text: str = blocks[0]["text"]
        return text
    return blocks
