"""What passes between the service, which decides, and the application, which sends."""

from __future__ import annotations

import msgspec

from pointsman import chat
from pointsman.catalog.model import Model

from .answer import Answer
from .limits import Limits
from .pace import Timing
from .paths import Place
from .prompt_cache import Buckets, Prefix
from .script import Headers, Script


class Reply(msgspec.Struct, frozen=True):
    """An answer that is sent at once."""

    status: int
    headers: Headers
    body: bytes


class Prepared(msgspec.Struct, frozen=True):
    """What follows from the content of a request alone."""

    request: chat.Request
    model: Model
    prompt: int
    answer: Answer
    prefixes: tuple[Prefix, ...]


class Ticket(msgspec.Struct, frozen=True):
    """A call that is being answered, to be billed when it ends."""

    at_us: int
    place: Place
    prepared: Prepared
    buckets: Buckets
    tier: str
    limits: Limits
    timing: Timing
    client_request_id: str
    request_id: str


class Performance(msgspec.Struct, frozen=True):
    """What is to be sent, and the ticket to hand in at its end."""

    headers: Headers
    script: Script
    ticket: Ticket


class End(msgspec.Struct, frozen=True):
    """How the sending went."""

    outcome: str
    shown: int
    """Tokens that were written, or made for an answer that was to be sent whole."""
    reported: bool
    delivered: int
    status: int = 200
