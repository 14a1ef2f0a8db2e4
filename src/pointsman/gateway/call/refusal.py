"""Safety refusals that are answers, on routes with ``on_refusal = "next"``: another model is asked first.

A refusal is kept, and given to the client if nobody has anything better to say. What it cost is booked either
way. Of a stream so much is held back as tells whether it begins with a refusal; what comes later passes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from pointsman.chat import Refusal, Response, Stop, Text
from pointsman.dialects.base import Dialect
from pointsman.errors import PointsmanError, StreamBroken, UpstreamRefused
from pointsman.gateway.stream.relay import Relay

from .account import AttemptRecord
from .overheard import Overheard
from .values import Plan


class Refused(UpstreamRefused):
    """An answer that is a refusal, with what the client would have got of it."""

    def __init__(self, record: AttemptRecord, body: bytes) -> None:
        super().__init__("The model refused to answer for reasons of safety.")
        self.record = record
        self.body = body


def moves_on(plan: Plan | None) -> bool:
    """Whether a refusal is not the end of the way."""
    return plan is not None and plan.retries is not None and plan.retries.on_refusal == "next"


def refuses(response: Response) -> bool:
    """Anthropic and content filters say so as the reason for stopping, OpenAI's models in a part of it."""
    if response.stop is Stop.REFUSAL:
        return True
    parts = response.parts
    return any(isinstance(part, Refusal) for part in parts) and not any(
        isinstance(part, Text) and part.text for part in parts
    )


def body_refuses(dialect: Dialect, body: bytes) -> bool:
    """The same of an answer that passes through. What cannot be read is not held against it."""
    try:
        return refuses(dialect.decode_response(body))
    except PointsmanError:
        return False


async def first_words(relay: Relay, pipe: Overheard) -> tuple[bytes, bool]:
    """The first bytes of a stream up to those in which it says something, and whether it refuses. If it does,
    these are all of it.

    Raises:
        PointsmanError: it failed before that.
    """
    held = [await relay.open()]
    heard = pipe.heard
    while not heard.spoken:
        piece = await relay.more()
        if not piece:
            break
        held.append(piece)
    refused = heard.refused and not heard.spoken
    if not pipe.ended and (refused or not heard.spoken):
        await relay.close()
        raise StreamBroken("The provider closed the stream before it had said anything.")
    return b"".join(held), refused


async def once(body: bytes) -> AsyncGenerator[bytes, None]:
    """A stream that is there already."""
    yield body
