"""The asynchronous client."""

from __future__ import annotations

import weakref
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import msgspec

from pointsman.caching.idempotency.idempotency import checked_key
from pointsman.chat import Response
from pointsman.errors import InvalidRequest, PointsmanError, UpstreamMalformed

from .backend import Backend, Reply
from .compose import Messages, compose, compose_feedback
from .connect import connect
from .result import ChatResult, Notes, make_result, read_notes
from .stream import AsyncChatStream


class AsyncClient:
    """Chat with any model, in this process or through a gateway.

    Without ``base_url`` the whole journey runs here: providers come from the keys in the environment (or
    from ``config``), prices from the catalog, and each call is priced and counted. With ``base_url`` the same
    calls go to a running gateway. Nothing is connected before the first call; a client belongs to the event
    loop of that call.

        async with AsyncClient() as client:
            result = await client.chat("claude-haiku-4-5", "Why is the sky blue?", max_tokens=200)
            print(result.text, result.usage, result.cost)

    Args:
        base_url: address of a gateway, with or without /v1.
        api_key: a virtual key of that gateway; ``POINTSMAN_API_KEY`` of the environment unless given.
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
        self._closed = False
        self._streams: weakref.WeakSet[AsyncChatStream] = weakref.WeakSet()

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
        idempotency_key: str | None = None,
        **options: Any,
    ) -> ChatResult:
        """Ask, and wait for the whole answer.

        Args:
            model: an id or alias of the catalog, ``preset:NAME``, or ``PROVIDER/MODEL``.
            messages: one user message as plain text, or messages in OpenAI's form.
            idempotency_key: a random string of your own: the same call with the same key, within a day, gets
                the same answer and is paid once, also where it is made after the connection was lost.
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
        reply = await self._send(
            compose(model, messages, system=system, stream=False, options=given | options), idempotency_key
        )
        if reply.response is None:
            raise UpstreamMalformed("A stream came for a request that asked for none.")
        notes = read_notes(reply.headers)
        if reply.response.usage is None:  # then the cost is an estimate, which no header says
            notes = await self._settled(reply.response, notes)
        return make_result(reply.response, notes)

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
    ) -> AsyncChatStream:
        """Ask, and get the answer piece by piece; arguments as for :meth:`chat`.

        Args:
            resume: where the connection to a gateway breaks, go on with another one behind what has come; the
                gateway goes on meanwhile, and nothing is paid twice.

            async with client.stream("claude-haiku-4-5", "Tell me a story.") as stream:
                async for chunk in stream:
                    print(chunk.text, end="")
                result = await stream.result()
            print(result.cost)

        Raises:
            InvalidRequest: the request cannot be written. All else is raised by the first step.
        """
        self._check_open()
        given = {
            "max_tokens": max_tokens,
            "temperature": temperature,
            "top_p": top_p,
            "stop": stop,
            "tools": tools,
        }
        body = compose(model, messages, system=system, stream=True, options=given | options)
        stream = AsyncChatStream(lambda: self._send(body, idempotency_key, resume=resume), self._settled)
        self._streams.add(stream)
        return stream

    async def feedback(
        self,
        request_id: str,
        score: float | None = None,
        *,
        thumbs: str | None = None,
        outcome: str | float | None = None,
        comment: str | None = None,
    ) -> None:
        """Say how good an answer to ``model="auto"`` was, so that its route learns. The last word counts.

            result = await client.chat("auto", "Why is the sky blue?")
            await client.feedback(result.request_id, score=1.0)

        Args:
            score: 0 (useless) to 1 (as good as can be). Or one of the next two.
            thumbs: "up" or "down".
            outcome: "success" or "failure" of the task that the answer was for, or a number from 0 to 1.
            comment: for whoever reads your own logs: it is not kept.

        Raises:
            NotFound: no such request of this key, or its stream is not over.
            InvalidRequest: not exactly one of the three; or nothing can be learned from that request.
        """
        self._check_open()
        await self._backend.feedback(
            compose_feedback(request_id, score=score, thumbs=thumbs, outcome=outcome, comment=comment)
        )

    async def close(self) -> None:
        """Stop what is under way, book it, and free all connections. Closing twice does nothing more."""
        if self._closed:
            return
        self._closed = True
        for stream in list(self._streams):
            await stream.close()
        await self._backend.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise InvalidRequest("This client is closed: make another one.", code="client_closed")

    async def _send(self, body: bytes, idempotency_key: str | None, *, resume: bool = False) -> Reply:
        self._check_open()
        key = None if idempotency_key is None else checked_key(idempotency_key.encode())
        return await self._backend.send(body, key, resume=resume)

    async def _settled(self, response: Response, notes: Notes) -> Notes:
        """With what the request came to. The answer is there and must not be lost if nobody can tell that."""
        try:
            settled = await self._backend.settled(notes.request_id) if notes.request_id else None
        except PointsmanError:
            settled = None
        if settled is None:
            return notes
        return msgspec.structs.replace(
            notes,
            cost=None if settled.cost_usd is None else Decimal(settled.cost_usd),
            attempts=settled.attempts,
            estimated=settled.estimated,
        )
