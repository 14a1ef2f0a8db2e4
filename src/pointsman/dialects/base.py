"""What a dialect must be able to do. One folder per wire format implements it.

A dialect is pure: bytes in, values out, and back. It is used in two ways:

- *Same dialect in and out*: ``peek`` reads the few fields that policy needs, ``rewrite`` changes only
  those, ``read_usage`` and ``tap`` watch the answer go by. Everything else passes through to the byte.
- *Across*: ``decode_*`` into the hub, ``encode_*`` out of it. Encoders are pure functions of their
  arguments and may run again on every attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from pointsman.chat import Request, Response, StreamEvent, Usage
from pointsman.errors import PointsmanError

CountTokens = Callable[[str], int]
"""Number of tokens of a text, estimated."""


class Peek(msgspec.Struct, frozen=True, gc=False):
    """What the gateway must know of a request before it decides anything."""

    model: str
    stream: bool
    max_output: int | None
    wants_stream_usage: bool
    """The client itself asked for usage in the stream (always so where the dialect always sends it)."""
    fields: dict[str, msgspec.Raw]
    """Top-level keys in their order, values as the raw bytes that were sent."""


class Target(msgspec.Struct, frozen=True):
    """The upstream model that a request is encoded for. None: not known, so nothing is withheld."""

    model: str
    max_output: int | None = None
    """The model's own maximum; used where the dialect demands a number that the caller left out."""
    accepts_sampling: bool | None = None
    """False: temperature, top_p and top_k are refused by the model."""
    accepts_forced_tools: bool | None = None
    accepts_prefill: bool | None = None
    accepts_system_turns: bool | None = None
    """True: instructions may stand in the midst of the conversation (Claude from Opus 4.8 on)."""
    accepts_effort: bool | None = None
    """False: a level of reasoning effort is refused by the model."""
    accepts_reasoning_content: bool | None = None
    """False: earlier reasoning in plain text (DeepSeek's ``reasoning_content``) may not be sent back."""
    thought_signatures: bool = False
    """The provider demands Gemini's thought signatures back with its tool calls."""
    legacy_max_tokens: bool = False
    """The provider knows only OpenAI's older name of the output cap, ``max_tokens``."""


class Encoded(msgspec.Struct, frozen=True):
    """A request for the wire."""

    body: bytes
    dropped: tuple[str, ...] = ()
    """Names of fields that could not cross and do not change what is asked for; told to the caller."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers that the body depends on, such as a version of the API."""


class Delivered(msgspec.Struct, frozen=True):
    """How much of an answer went by before it was cut."""

    output_tokens: int
    """Estimated from the text of the deltas, each delta at least one token."""
    usage: Usage | None
    """What the provider had reported by then (Anthropic tells the prompt's tokens first)."""


class StreamTap(Protocol):
    """Watches a stream that passes through unchanged. Fed with whole events, one or many at a time."""

    usage: Usage | None
    """The whole call's usage, once the stream has told it."""
    model: str
    upstream_id: str
    ended: bool
    """The terminal event was seen."""
    error: PointsmanError | None
    """An error event was seen."""

    def feed(self, events: bytes) -> bytes:
        """Take whole SSE events; return what the client shall see of them (most often the same object)."""
        ...

    def delivered(self) -> Delivered:
        """For a call that was cut: what had arrived. Not cheap; called once, at the end."""
        ...


class StreamDecoder(Protocol):
    """Turns the SSE events of one stream into hub events. One object per stream."""

    def feed(self, event: str, data: bytes) -> list[StreamEvent]:
        """Decode one SSE event (its name, "" if it has none, and its data).

        Raises:
            PointsmanError: the provider sent an error event.
            UpstreamMalformed: the data is not what the dialect allows.
        """
        ...

    @property
    def ended(self) -> bool:
        """The terminal event was seen."""
        ...


class StreamEncoder(Protocol):
    """Turns the hub events of one stream into SSE bytes. One object per stream."""

    def encode(self, event: StreamEvent) -> bytes: ...


class Dialect(Protocol):
    """A wire format."""

    @property
    def name(self) -> str:
        """``openai_chat`` or ``anthropic_messages``, as settings and ledger spell it."""
        ...

    @property
    def path(self) -> str:
        """Where a provider of this dialect takes requests, relative to its base address."""
        ...

    def peek(self, body: bytes) -> Peek:
        """Read the few fields that policy needs.

        Raises:
            InvalidRequest: not JSON, not an object, bad UTF-8, nested too deeply, or such a field is missing
                or of the wrong type. Names the field.
        """
        ...

    def rewrite(
        self, body: bytes, peek: Peek, *, model: str, defaults: Mapping[str, Any], force_usage: bool
    ) -> bytes:
        """The same request with another ``model``; ``defaults`` (by hub name: temperature, top_p, max_output)
        fill fields that the caller left out; ``force_usage`` asks for usage in a stream.

        Returns ``body`` itself where nothing changes; otherwise every other byte stays as it was.
        """
        ...

    def resume(self, body: bytes, peek: Peek, said: str, max_output: int | None) -> bytes | None:
        """The same request for the rest of an answer whose beginning is there: ``said`` (without white space
        at its end, "" if nothing was said) becomes the beginning of the assistant's turn, ``max_output`` is
        what is left of the output cap (None: as it was), and the model does not think again.

        Returns None where that would not be the rest of the same answer: with several answers side by side,
        log probabilities, audio, or a schema that only whole answers follow.
        """
        ...

    def decode_request(self, body: bytes) -> Request:
        """Raises InvalidRequest with the path of the field, as in ``messages[2].content``."""
        ...

    def encode_request(self, request: Request, target: Target) -> Encoded:
        """Raises UntranslatableRequest where dropping a field would change what was asked for."""
        ...

    def decode_response(self, body: bytes) -> Response:
        """Raises UpstreamMalformed."""
        ...

    def encode_response(self, response: Response) -> bytes: ...

    def read_usage(self, body: bytes) -> tuple[Usage | None, str, str]:
        """Usage, model and id of a whole answer that passes through; decodes nothing else.

        Raises UpstreamMalformed where the body is not JSON of this dialect.
        """
        ...

    def tap(self, *, strip_usage: bool, count_tokens: CountTokens) -> StreamTap:
        """``strip_usage``: usage was asked for by us and not by the client: hide it from the client."""
        ...

    def stream_decoder(self) -> StreamDecoder: ...

    def stream_encoder(self, request: Request) -> StreamEncoder:
        """Encoder for the answer to ``request`` (which says whether the client wants usage, for one)."""
        ...

    def decode_error(self, status: int, headers: Mapping[str, str], body: bytes) -> PointsmanError:
        """The error that a provider's answer with ``status`` >= 400 means; ``headers`` in lower case."""
        ...

    def encode_error(self, error: PointsmanError, request_id: str) -> bytes:
        """The body of an error answer; its status is ``error.status``."""
        ...

    def encode_stream_error(self, error: PointsmanError, request_id: str) -> bytes:
        """The SSE event that ends a stream which fails after its first byte."""
        ...
