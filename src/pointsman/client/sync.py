"""The synchronous client: the asynchronous one on a loop of its own, in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from .aio import AsyncClient
from .backend import Backend
from .compose import Messages
from .loop import LoopThread
from .result import ChatChunk, ChatResult
from .stream import AsyncChatStream


class Client:
    """Chat with any model; the arguments are those of :class:`AsyncClient`. Any number of threads may share
    one client, and Ctrl-C stops the call that is under way.

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

        self._loop = LoopThread()
        try:
            self._client = self._loop.run(make)
        except BaseException:
            self._loop.close()
            raise
        self._loop.at_end(self._client.close)

    def chat(
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
        idempotency_key: str | None = None,
        **options: Any,
    ) -> ChatResult:
        """Ask, and wait for the whole answer; arguments and errors as for :meth:`AsyncClient.chat`."""
        return self._loop.run(
            lambda: self._client.chat(
                model,
                messages,
                system=system,
                max_tokens=max_tokens,
                temperature=temperature,
                top_p=top_p,
                stop=stop,
                tools=tools,
                idempotency_key=idempotency_key,
                **options,
            )
        )

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
        idempotency_key: str | None = None,
        resume: bool = False,
        **options: Any,
    ) -> ChatStream:
        """Ask, and get the answer piece by piece; arguments as for :meth:`AsyncClient.stream`.

        with client.stream("claude-haiku-4-5", "Tell me a story.") as stream:
            for chunk in stream:
                print(chunk.text, end="")
            result = stream.result()
        print(result.cost)
        """

        async def make() -> AsyncChatStream:
            return self._client.stream(
                model,
                messages,
                system=system,
                max_tokens=max_tokens,
                temperature=temperature,
                top_p=top_p,
                stop=stop,
                tools=tools,
                idempotency_key=idempotency_key,
                resume=resume,
                **options,
            )

        return ChatStream(self._loop, self._loop.run(make))

    def feedback(
        self,
        request_id: str,
        score: float | None = None,
        *,
        thumbs: str | None = None,
        outcome: str | float | None = None,
        comment: str | None = None,
    ) -> None:
        """Say how good an answer was; arguments and errors as for :meth:`AsyncClient.feedback`."""
        self._loop.run(
            lambda: self._client.feedback(request_id, score, thumbs=thumbs, outcome=outcome, comment=comment)
        )

    def close(self) -> None:
        """Stop what is under way, book it, and free all connections. Closing twice does nothing more."""
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ChatStream:
    """A streamed answer: iterate it for its chunks; leave the ``with`` block early to stop it.

    The request is sent with the first step. Made by :meth:`Client.stream`.
    """

    def __init__(self, loop: LoopThread, stream: AsyncChatStream) -> None:
        self._loop = loop
        self._stream = stream

    def __iter__(self) -> Iterator[ChatChunk]:
        return self

    def __next__(self) -> ChatChunk:
        chunk = self._loop.run(self._step)
        if chunk is None:
            raise StopIteration
        return chunk

    def result(self) -> ChatResult:
        """The whole answer, with its usage and cost; reads what is left of the stream.

        Raises:
            StreamBroken: the stream was left before its end, so there is no whole answer.
            PointsmanError: what the stream had failed with.
        """
        return self._loop.run(self._stream.result)

    def close(self) -> None:
        """Stop: the provider is told, and what it had sent is booked. Another thread may do it, too."""
        if not self._loop.closed:
            self._loop.run(self._stream.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _step(self) -> ChatChunk | None:
        return await anext(self._stream, None)
