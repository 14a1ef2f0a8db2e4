"""The synchronous client: the asynchronous one on a loop of its own, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from .aio import AsyncChatStream, AsyncClient
from .backend import Backend
from .compose import Messages
from .result import ChatChunk, ChatResult

T = TypeVar("T")


class _Loop:
    """An event loop in a daemon thread. Safe to use from any number of threads."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pointsman-client", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:  # Ctrl-C, too: the call must not go on, and cost, behind the caller's back
            future.cancel()
            raise

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Client:
    """Chat with any model; the arguments are those of :class:`AsyncClient`.

    with Client() as client:
        result = client.chat("claude-haiku-4-5", "Why is the sky blue?", max_tokens=200)
        print(result.text, result.usage, result.cost)
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
        async def make() -> AsyncClient:
            return AsyncClient(
                base_url,
                api_key,
                config=config,
                ledger=ledger,
                simulator_url=simulator_url,
                backend=backend,
            )

        self._loop = _Loop()
        try:
            self._client = self._loop.run(make())
        except BaseException:
            self._loop.close()
            raise
        self._closed = False

    def chat(self, model: str, messages: Messages, **options: Any) -> ChatResult:
        """Ask, and wait for the whole answer; arguments and errors as for :meth:`AsyncClient.chat`."""
        return self._loop.run(self._client.chat(model, messages, **options))

    def stream(self, model: str, messages: Messages, **options: Any) -> ChatStream:
        """Ask, and get the answer piece by piece; arguments as for :meth:`AsyncClient.chat`."""
        return ChatStream(self._loop, self._client.stream(model, messages, **options))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._loop.run(self._client.close())
            self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ChatStream:
    """A streamed answer: iterate it for its chunks; leave the ``with`` block early to stop it."""

    def __init__(self, loop: _Loop, stream: AsyncChatStream) -> None:
        self._loop = loop
        self._stream = stream

    def __iter__(self) -> Iterator[ChatChunk]:
        chunks = self._stream.__aiter__()

        async def step() -> ChatChunk | None:
            return await anext(chunks, None)

        while (chunk := self._loop.run(step())) is not None:
            yield chunk

    def result(self) -> ChatResult:
        """The whole answer, with its usage and cost; reads what is left of the stream."""
        return self._loop.run(self._stream.result())

    def close(self) -> None:
        """Stop: the provider is told, and what it had sent is booked."""
        self._loop.run(self._stream.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
