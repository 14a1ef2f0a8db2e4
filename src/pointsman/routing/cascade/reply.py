"""What a rule sees of an answer, whatever dialect it came in."""

from __future__ import annotations

import msgspec

from pointsman.chat import Refusal, Response, Stop, Text, ToolCall

_ITS_OWN_END = frozenset({Stop.END, Stop.STOP_SEQUENCE, Stop.TOOL_CALLS})


class Reply(msgspec.Struct, frozen=True):
    """One whole answer of a model."""

    model: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    ended: bool = True
    """It came to its own end: it was neither cut nor refused."""


def reply_of(response: Response, model: str) -> Reply:
    """
    Args:
        model: that was asked, as the settings name it.
    """
    refused = any(isinstance(part, Refusal) for part in response.parts)
    return Reply(
        model,
        "".join(part.text for part in response.parts if isinstance(part, Text)),
        tuple(part for part in response.parts if isinstance(part, ToolCall)),
        response.stop in _ITS_OWN_END and not refused,
    )


def calls_key(calls: tuple[ToolCall, ...]) -> str | None:
    """The same for the same calls, whatever their ids and the order of their arguments; None if the arguments
    of one cannot be read."""
    try:
        said = [(call.name, msgspec.json.decode(call.arguments or "{}")) for call in calls]
    except msgspec.DecodeError:
        return None
    return msgspec.json.encode(said, order="sorted").decode()
