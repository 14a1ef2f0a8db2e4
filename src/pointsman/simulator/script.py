"""What is sent for one request, and when: decided beforehand, so that sending it needs no thought."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from pointsman import chat
from pointsman.chat import Usage
from pointsman.dialects.base import Dialect

from .answer import Answer, Segment, truncated
from .dice import Dice
from .faults import Rule
from .limits import Family
from .pace import Timing

Headers = list[tuple[bytes, bytes]]

_SIGNATURE_LENGTH = 44
_EXTRAS = b',"system_fingerprint":"fp_simulated"'
_KEEP_ALIVE = b": keep-alive\n\n"
_PING = b'event: ping\ndata: {"type": "ping"}\n\n'


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Bytes that belong together."""

    data: bytes
    tokens: int = 0
    """Tokens of the answer that are made and shown with it."""
    due: float = 0.0
    """Seconds after the request came."""


class Script(msgspec.Struct, frozen=True):
    """An answer with status 200, whole or to be broken off."""

    chunks: tuple[Chunk, ...]
    ending: str = "ok"
    """The invoice's outcome, if the client stays: ok, reset or malformed."""
    reports_usage: bool = True
    """The last chunk tells the client the usage."""
    length: int | None = None
    """The content-length that is promised; None for a stream."""
    stall_at: int | None = None
    """Before this chunk, or behind the last one, it stops."""
    stall_seconds: float | None = None


class Maker(msgspec.Struct, frozen=True):
    """All that goes into the script of one answer."""

    dialect: Dialect
    family: Family
    provider: str
    request: chat.Request
    answer: Answer
    usage: Usage
    dice: Dice
    timing: Timing
    created: int
    fault: Rule | None = None

    def make(self) -> Script:
        return self._stream() if self.request.stream else self._whole()

    @property
    def _kind(self) -> str:
        return self.fault.kind if self.fault is not None else ""

    @property
    def _shown(self) -> int:
        return self.answer.tokens - self.answer.hidden

    def _strikes_after(self) -> int:
        """Shown tokens before a reset, stall or malformed event."""
        if self.fault is not None and self.fault.after is not None:
            return min(self.fault.after, self._shown)
        return 1 + int(self.dice.uniform("after") * max(0, self._shown - 1))

    # whole answers

    def _whole(self) -> Script:
        body = self._body(self.answer, self.usage)
        due = self.timing.due(self.answer.tokens)
        if self._kind not in ("reset", "stall", "malformed"):
            return Script((Chunk(body, self._shown, due),), length=len(body))
        shown = self._strikes_after()
        if self._kind == "malformed" and self.fault is not None and self.fault.after is None:
            shown = self._shown
        begun_body = self._body(truncated(self.answer, self.answer.hidden + shown), self.usage)
        begun_due = self.timing.due(self.answer.hidden + shown)
        if self._kind == "malformed":
            part = self._before_usage(begun_body)
            chunk = Chunk(part, shown, begun_due)
            return Script((chunk,), "malformed", reports_usage=False, length=len(part))
        part = _common_start(body, begun_body) if shown else b""
        begun = Chunk(part, shown, begun_due)
        if self._kind == "reset":
            chunks = (begun,) if shown else ()
            return Script(chunks, "reset", reports_usage=False, length=len(body))
        return Script(
            (begun, Chunk(body[len(part) :], self._shown - shown, due)),
            length=len(body),
            stall_at=1 if shown else 0,
            stall_seconds=self._stall_seconds(),
        )

    def _stall_seconds(self) -> float | None:
        return None if self.fault is None else self.fault.seconds

    def _body(self, answer: Answer, usage: Usage) -> bytes:
        parts = tuple(self._part(number, segment) for number, segment in enumerate(answer.segments))
        response = chat.Response(
            id=self._answer_id(),
            model=self.request.model,
            parts=parts,
            stop=answer.stop,
            usage=usage,
            stop_sequence=answer.stop_sequence,
            created=self.created,
        )
        return self._with_extras(self.dialect.encode_response(response))

    def _part(self, number: int, segment: Segment) -> chat.Part:
        if segment.tool:
            return chat.ToolCall(self._call_id(number), segment.tool, segment.text)
        if segment.thinking:
            return chat.Thinking(segment.text, self._signature())
        return chat.Text(segment.text)

    def _before_usage(self, body: bytes) -> bytes:
        """What a broken connection lets through: all of the text and none of the numbers."""
        at = max(body.rfind(b'"usage"'), 0)
        finish = body.rfind(b'"stop_reason"') if self.family == "anthropic" else -1
        return body[: min(at, finish) if finish > 0 else at]

    # streams

    def _stream(self) -> Script:
        encoder = self.dialect.stream_encoder(self.request)
        chunks: list[Chunk] = []
        made = self.answer.hidden
        for event, tokens in self._events():
            data = encoder.encode(event)
            if not data:
                continue
            made += tokens
            first = not chunks
            chunks.append(Chunk(self._decorated(data, first), tokens, self.timing.due(made)))
        reports = self.family == "anthropic" or self.request.stream_usage
        if self._kind not in ("reset", "stall", "malformed"):
            return Script(tuple(chunks), reports_usage=reports)
        after = self._strikes_after()
        at = _position(chunks, after)
        if self._kind == "stall":
            return Script(
                tuple(chunks), reports_usage=reports, stall_at=at, stall_seconds=self._stall_seconds()
            )
        kept = chunks[:at]
        if self._kind == "reset":
            return Script(tuple(kept if after else ()), "reset", reports_usage=False)
        broken = chunks[at].data if at < len(chunks) else b"data: {}\n\n"
        kept.append(Chunk(broken[: len(broken) // 2] + b"\n\n", 0, kept[-1].due if kept else 0.0))
        return Script(tuple(kept), "malformed", reports_usage=False)

    def _events(self) -> Iterator[tuple[chat.StreamEvent, int]]:
        start = msgspec.structs.replace(self.usage, output=0, reasoning=0)
        yield chat.StreamStart(self._answer_id(), self.request.model, start, self.created), 0
        for number, segment in enumerate(self.answer.segments):
            if segment.tool:
                yield chat.ToolCallStart(number, self._call_id(number), segment.tool), 0
            delta = _delta(segment)
            for piece in segment.pieces:
                yield delta(number, piece), 1
            if segment.thinking:
                yield chat.ThinkingDelta(number, "", self._signature()), 0
            yield chat.PartEnd(number), 0
        yield chat.StreamEnd(self.answer.stop, self.usage, self.answer.stop_sequence), 0

    # what real providers send besides

    def _with_extras(self, body: bytes) -> bytes:
        if self.provider == "deepseek":
            return b"\n" + body  # it keeps waiting connections alive with blank lines
        if self.provider != "openai" or not body.endswith(b"}") or b'"system_fingerprint"' in body:
            return body
        return body[:-1] + _EXTRAS + b"}"

    def _decorated(self, data: bytes, first: bool) -> bytes:
        if self.family == "anthropic":
            return data + _PING if first else data
        if self.provider == "deepseek" and first:
            return _KEEP_ALIVE + data
        if self.provider == "openai" and data.endswith(b"}\n\n") and data.count(b"\n\n") == 1:
            return data[:-3] + _EXTRAS + b',"obfuscation":"x7Qd"}\n\n'
        return data

    def _answer_id(self) -> str:
        return ("msg_01" if self.family == "anthropic" else "chatcmpl-") + self.dice.token("answer", 22)

    def _call_id(self, number: int) -> str:
        prefix = "toolu_01" if self.family == "anthropic" else "call_"
        return prefix + self.dice.token(f"call {number}", 22)

    def _signature(self) -> str:
        return self.dice.token("signature", _SIGNATURE_LENGTH)


def _delta(segment: Segment) -> Callable[[int, str], chat.StreamEvent]:
    if segment.tool:
        return chat.ToolCallDelta
    return chat.ThinkingDelta if segment.thinking else chat.TextDelta


def _common_start(one: bytes, other: bytes) -> bytes:
    length = min(len(one), len(other))
    return one[: next((at for at in range(length) if one[at] != other[at]), length)]


def _position(chunks: list[Chunk], tokens: int) -> int:
    """How many chunks hold the first ``tokens`` tokens and nothing behind them."""
    seen = 0
    for number, chunk in enumerate(chunks):
        if seen >= tokens and chunk.tokens:
            return number
        seen += chunk.tokens
        if seen >= tokens and tokens:
            return number + 1
    return len(chunks)
