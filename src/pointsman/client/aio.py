"""The asynchronous client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import msgspec

from pointsman.chat import (
    Response,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from pointsman.errors import StreamBroken
from pointsman.gateway.edge import OPENAI
from pointsman.http1 import EventSplitter, iter_events

from .backend import Backend, Reply
from .compose import Messages, compose
from .connect import connect
from .result import ChatChunk, ChatResult, make_result, read_notes


class AsyncClient:
    """Chat with any model, in this process or through a gateway.

    Without ``base_url`` the whole journey runs here: providers come from the keys in the environment (or
    from ``config``), prices from the catalog, and each call is priced and counted. With ``base_url`` the same
    calls go to a running gateway. Nothing is connected before the first call.

        async with AsyncClient() as client:
            result = await client.chat("claude-haiku-4-5", "Why is the sky blue?", max_tokens=200)
            print(result.text, result.usage, result.cost)

    Args:
        base_url: address of a gateway, with or without /v1.
        api_key: a virtual key of that gateway.
        config: a settings file, for the in-process journey.
        ledger: a SQLite file to keep the entries in; in memory unless given.
        simulator_url: take the providers of a running ``pointsman simulate`` instead of the real ones.
        backend: something else that takes requests; for tests.

    Raises:
        ConfigurationError: no base_url, and no provider is configured; or a setting is wrong.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        config: str | None = None,
        ledger: str | None = None,
        simulator_url: str | None = None,
        backend: Backend | None = None,
    ) -> None:
        self._backend = backend or connect(
            base_url=base_url, api_key=api_key, config=config, ledger=ledger, simulator_url=simulator_url
        )

    async def chat(
        self,
        model: str,
        messages: Messages,
        *,
        system: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        stop: str | list[str] | None = None,
        tools: list[dict[str, Any]] | None = None,
        **options: Any,
    ) -> ChatResult:
        """Ask, and wait for the whole answer.

        Args:
            model: an id or alias of the catalog, ``preset:NAME``, or ``PROVIDER/MODEL``.
            messages: one user message as plain text, or messages in OpenAI's form.
            options: any other field of OpenAI's chat completions, as ``response_format``.

        Raises:
            PointsmanError: the tree in ``pointsman.errors`` says which failure is which.
        """
        given = {
            "max_tokens": max_tokens,
            "temperature": temperature,
            "top_p": top_p,
            "stop": stop,
            "tools": tools,
        }
        body = compose(model, messages, system=system, stream=False, options=given | options)
        reply = await self._backend.send(body)
        return make_result(OPENAI.decode_response(reply.body), read_notes(reply.headers))

    def stream(
        self,
        model: str,
        messages: Messages,
        *,
        system: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        stop: str | list[str] | None = None,
        tools: list[dict[str, Any]] | None = None,
        **options: Any,
    ) -> AsyncChatStream:
        """Ask, and get the answer piece by piece; arguments as for :meth:`chat`.

        async with client.stream("gpt-6-luna", "Tell me a story.") as stream:
            async for chunk in stream:
                print(chunk.text, end="")
        print((await stream.result()).cost)
        """
        given = {
            "max_tokens": max_tokens,
            "temperature": temperature,
            "top_p": top_p,
            "stop": stop,
            "tools": tools,
        }
        body = compose(model, messages, system=system, stream=True, options=given | options)
        return AsyncChatStream(self._backend, body)

    async def close(self) -> None:
        await self._backend.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class AsyncChatStream:
    """A streamed answer: iterate it for its chunks; leave the ``async with`` block early to stop it."""

    def __init__(self, backend: Backend, body: bytes) -> None:
        self._backend = backend
        self._body = body
        self._reply: Reply | None = None
        self._gathered = Gathered()
        self._chunks = self._run()

    def __aiter__(self) -> AsyncIterator[ChatChunk]:
        return self._chunks

    async def result(self) -> ChatResult:
        """The whole answer, with its usage and cost; reads what is left of the stream.

        Raises:
            StreamBroken: the stream was left before its end, so there is no whole answer.
        """
        async for _ in self._chunks:
            pass
        response = self._gathered.response()
        if response is None or self._reply is None:
            raise StreamBroken("The stream was closed before its end, so there is no whole answer.")
        notes = read_notes(self._reply.headers)
        settled = await self._backend.settled(notes.request_id) if notes.request_id else None
        if settled is not None:
            cost = None if settled.cost_usd is None else Decimal(settled.cost_usd)
            notes = msgspec.structs.replace(notes, cost=cost, attempts=settled.attempts)
        return make_result(response, notes, estimated=settled is not None and settled.estimated)

    async def close(self) -> None:
        """Stop: the provider is told, and what it had sent is booked."""
        await self._chunks.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self) -> AsyncGenerator[ChatChunk, None]:
        self._reply = await self._backend.send(self._body)
        decoder, splitter = OPENAI.stream_decoder(), EventSplitter()
        assert self._reply.chunks is not None
        pieces = self._reply.chunks
        try:
            async for piece in pieces:
                for name, data in iter_events(splitter.feed(piece)):
                    for event in decoder.feed(name, data):
                        chunk = self._gathered.add(event)
                        if chunk is not None:
                            yield chunk
            if not decoder.ended:
                raise StreamBroken("The gateway closed the stream before its end; what came is incomplete.")
        finally:
            close = getattr(pieces, "aclose", None)
            if close is not None:
                await close()


class Gathered:
    """Puts the events of a stream together to a whole answer."""

    def __init__(self) -> None:
        self._start: StreamStart | None = None
        self._end: StreamEnd | None = None
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._calls: dict[int, tuple[str, str, list[str]]] = {}

    def add(self, event: StreamEvent) -> ChatChunk | None:
        match event:
            case TextDelta():
                self._text.append(event.text)
                return ChatChunk(text=event.text) if event.text else None
            case ThinkingDelta():
                self._thinking.append(event.text)
                return ChatChunk(thinking=event.text) if event.text else None
            case ToolCallStart():
                self._calls[event.index] = (event.id, event.name, [])
                return ChatChunk(tool=event.name)
            case ToolCallDelta():
                self._calls[event.index][2].append(event.arguments)
                return ChatChunk(arguments=event.arguments) if event.arguments else None
            case StreamStart():
                self._start = event
            case StreamEnd():
                self._end = event
        return None

    def response(self) -> Response | None:
        """None until the stream has come to its end."""
        if self._start is None or self._end is None:
            return None
        parts: list[Text | Thinking | ToolCall] = []
        if thinking := "".join(self._thinking):
            parts.append(Thinking(thinking))
        if text := "".join(self._text):
            parts.append(Text(text))
        parts += [
            ToolCall(ident, name, "".join(pieces) or "{}") for ident, name, pieces in self._calls.values()
        ]
        usage: Usage | None = self._end.usage
        stop: Stop = self._end.stop
        return Response(self._start.id, self._start.model, tuple(parts), stop, usage, self._end.stop_sequence)
