"""What the client gives back."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from pointsman.chat import Response, Stop, Text, Thinking, ToolCall, Usage


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
    """US dollars, exact; None: the price is not known."""
    request_id: str
    attempts: int
    stop: Stop
    tool_calls: tuple[ToolCall, ...]
    thinking: str
    estimated: bool = False
    """Usage and cost are the gateway's estimate."""
    warning: str = ""
    """Said by the gateway: the model retires soon, for one."""
    dropped: tuple[str, ...] = ()
    """Parameters that the provider's dialect cannot say and that were left out."""

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
    warning: str = ""
    dropped: tuple[str, ...] = ()


def read_notes(headers: dict[str, str]) -> Notes:
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


def make_result(response: Response, notes: Notes, *, estimated: bool = False) -> ChatResult:
    return ChatResult(
        text="".join(part.text for part in response.parts if isinstance(part, Text)),
        model=notes.model or response.model,
        provider=notes.provider,
        usage=response.usage,
        cost=notes.cost,
        request_id=notes.request_id,
        attempts=notes.attempts,
        stop=response.stop,
        tool_calls=tuple(part for part in response.parts if isinstance(part, ToolCall)),
        thinking="".join(part.text for part in response.parts if isinstance(part, Thinking)),
        estimated=estimated,
        warning=notes.warning,
        dropped=notes.dropped,
    )
