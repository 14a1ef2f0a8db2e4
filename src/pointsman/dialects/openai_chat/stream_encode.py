"""The hub's stream events, as the chunks that an OpenAI client reads."""

from __future__ import annotations

import msgspec

from pointsman.chat import (
    PartEnd,
    RefusalDelta,
    Request,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)

from .stops import encode_stop
from .usage import encode_tier, encode_usage

_encode = msgspec.json.Encoder().encode


class OpenAIChatStreamEncoder:
    """One per stream. What is the same in every chunk is encoded once.

    Reasoning goes out as ``reasoning_content`` (DeepSeek's name); signatures and redacted reasoning
    have no place on this wire.
    """

    def __init__(self, request: Request) -> None:
        self._stream_usage = request.stream_usage
        self._head = b""
        self._tail = b""
        self._end = b""
        self._positions: dict[int, int] = {}
        """Place among the tool calls, by the part's index."""
        self._silent: set[int] = set()
        """Tool calls whose arguments are still empty."""

    def encode(self, event: StreamEvent) -> bytes:
        kind = type(event)
        if kind is TextDelta:
            assert isinstance(event, TextDelta)
            return self._delta(b'{"content":%b}' % _encode(event.text)) if event.text else b""
        if isinstance(event, ToolCallDelta):
            return self._arguments(event.index, event.arguments)
        if isinstance(event, ThinkingDelta):
            return self._delta(b'{"reasoning_content":%b}' % _encode(event.text)) if event.text else b""
        if isinstance(event, StreamStart):
            return self._start(event)
        if isinstance(event, ToolCallStart):
            return self._call(event)
        if isinstance(event, PartEnd):
            # A call without arguments must still read as JSON.
            return self._arguments(event.index, "{}") if event.index in self._silent else b""
        if isinstance(event, RefusalDelta):
            return self._delta(b'{"refusal":%b}' % _encode(event.text)) if event.text else b""
        if isinstance(event, StreamEnd):
            return self._finish(event)
        return b""

    def _delta(self, delta: bytes) -> bytes:
        return b'%b[{"index":0,"delta":%b%b' % (self._head, delta, self._tail)

    def _start(self, event: StreamStart) -> bytes:
        self._head = b'data: {"id":%b,"object":"chat.completion.chunk","created":%d,"model":%b,"choices":' % (
            _encode(event.id),
            event.created,
            _encode(event.model),
        )
        self._end = b',"usage":null}\n\n' if self._stream_usage else b"}\n\n"
        self._tail = b',"logprobs":null,"finish_reason":null}]' + self._end
        return self._delta(b'{"role":"assistant","content":"","refusal":null}')

    def _call(self, event: ToolCallStart) -> bytes:
        position = len(self._positions)
        self._positions[event.index] = position
        self._silent.add(event.index)
        return self._delta(
            b'{"tool_calls":[{"index":%d,"id":%b,"type":"function","function":{"name":%b,"arguments":""}}]}'
            % (position, _encode(event.id), _encode(event.name))
        )

    def _arguments(self, index: int, arguments: str) -> bytes:
        if not arguments:
            return b""
        self._silent.discard(index)
        return self._delta(
            b'{"tool_calls":[{"index":%d,"function":{"arguments":%b}}]}'
            % (self._positions[index], _encode(arguments))
        )

    def _finish(self, event: StreamEnd) -> bytes:
        finish = b'%b[{"index":0,"delta":{},"logprobs":null,"finish_reason":%b}]%b' % (
            self._head,
            _encode(encode_stop(event.stop)),
            self._end,
        )
        usage = b""
        if self._stream_usage and event.usage is not None:
            usage = self._usage(event.usage)
        return b"%b%bdata: [DONE]\n\n" % (finish, usage)

    def _usage(self, usage: Usage) -> bytes:
        tier = encode_tier(usage.tier)
        served = b"" if tier is None else b',"service_tier":%b' % _encode(tier)
        return b'%b[]%b,"usage":%b}\n\n' % (self._head, served, _encode(encode_usage(usage)))
