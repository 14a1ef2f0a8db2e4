"""What the client gives back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from pointsman.chat import Refusal, Response, Stop, Text, Thinking, ToolCall, Usage


class ChatResult(msgspec.Struct, frozen=True):
    """A whole answer and what it took to get it."""

    text: str
    """The answer's text; "" where the model only called tools."""
    model: str
    """The model that answered, by the catalog's id where the gateway told it."""
    provider: str
    usage: Usage | None
    """None: the provider did not report it."""
    cost: Decimal | None
    """US dollars, exact; None: it is not known."""
    request_id: str
    attempts: int
    stop: Stop
    tool_calls: tuple[ToolCall, ...]
    thinking: str
    refusal: str = ""
    """What the model said instead of an answer, where it refused in so many words."""
    estimated: bool = False
    """The cost is the gateway's estimate: the provider did not report what it used."""
    warning: str = ""
    """Said by the gateway: the model retires soon, for one."""
    dropped: tuple[str, ...] = ()
    """Parameters that the provider's dialect cannot say and that were left out."""

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message in OpenAI's form: append it to your messages to go on from there."""
        shape: dict[str, Any] = {"role": "assistant", "content": self.text or None}
        if self.refusal:
            shape["refusal"] = self.refusal
        if self.tool_calls:
            shape["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
                for call in self.tool_calls
            ]
        return shape

    def __str__(self) -> str:
        return self.text


class ChatChunk(msgspec.Struct, frozen=True):
    """A piece of a streamed answer: exactly one of its fields is not empty."""

    text: str = ""
    thinking: str = ""
    tool: str = ""
    """Name of a tool whose call begins."""
    arguments: str = ""
    """A fragment of the JSON of that call's arguments."""


class Notes(msgspec.Struct, frozen=True):
    """What the gateway's headers said."""

    request_id: str = ""
    model: str = ""
    provider: str = ""
    attempts: int = 1
    cost: Decimal | None = None
    estimated: bool = False
    warning: str = ""
    dropped: tuple[str, ...] = ()


def read_notes(headers: Mapping[str, str]) -> Notes:
    """Headers with lower-case names, as the gateway answers them; any of them may be missing."""
    cost = headers.get("x-pointsman-cost-usd")
    dropped = headers.get("x-pointsman-dropped", "")
    return Notes(
        request_id=headers.get("x-request-id", ""),
        model=headers.get("x-pointsman-model", ""),
        provider=headers.get("x-pointsman-provider", ""),
        attempts=int(headers.get("x-pointsman-attempts", "1")),
        cost=None if cost is None else Decimal(cost),
        warning=headers.get("x-pointsman-warning", ""),
        dropped=tuple(filter(None, dropped.split(","))),
    )


def make_result(response: Response, notes: Notes) -> ChatResult:
    parts = response.parts
    return ChatResult(
        text="".join(part.text for part in parts if isinstance(part, Text)),
        model=notes.model or response.model,
        provider=notes.provider,
        usage=response.usage,
        cost=notes.cost,
        request_id=notes.request_id,
        attempts=notes.attempts,
        stop=response.stop,
        tool_calls=tuple(part for part in parts if isinstance(part, ToolCall)),
        thinking="".join(part.text for part in parts if isinstance(part, Thinking)),
        refusal="".join(part.text for part in parts if isinstance(part, Refusal)),
        estimated=notes.estimated,
        warning=notes.warning,
        dropped=notes.dropped,
    )
