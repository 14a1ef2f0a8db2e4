"""The official ``anthropic`` package, asking the gateway. Needs the extra ``demo``."""

from __future__ import annotations

from collections.abc import Callable

import anthropic
import msgspec
from anthropic.types import MessageDeltaUsage
from anthropic.types import Usage as WireUsage

from pointsman.chat import Usage

from .forms import anthropic_arguments
from .prompts import DemoPrompt
from .result import Reply


class AnthropicSender:
    """Sends prompts as a program that uses ``anthropic.AsyncAnthropic`` would.

    The SDK's own retries are off: the demo counts what the gateway does.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float, clock: Callable[[], float]) -> None:
        self._client = anthropic.AsyncAnthropic(
            base_url=base_url, api_key=api_key, timeout=timeout, max_retries=0
        )
        self._clock = clock

    async def send(self, prompt: DemoPrompt) -> Reply:
        """Never raises for what the gateway or the network did: that is in the reply."""
        try:
            if prompt.stream:
                return await self._stream(prompt)
            return await self._whole(prompt)
        except anthropic.APIStatusError as error:
            return Reply(status=error.status_code, headers=error.response.headers, error=error.message)
        except anthropic.APIError as error:
            return Reply(status=0, error=error.message)

    async def find(self, request_id: str) -> object | None:
        """What the gateway knows of a request; None if it does not know it (yet)."""
        try:
            return await self._client.get(f"/v1/requests/{request_id}", cast_to=object)
        except anthropic.APIError:
            return None

    async def close(self) -> None:
        await self._client.close()

    async def _whole(self, prompt: DemoPrompt) -> Reply:
        raw = await self._client.messages.with_raw_response.create(**anthropic_arguments(prompt))
        message = await raw.parse()
        return Reply(
            status=raw.status_code,
            headers=raw.headers,
            model=message.model,
            usage=usage_of(message.usage),
        )

    async def _stream(self, prompt: DemoPrompt) -> Reply:
        raw = await self._client.messages.with_raw_response.create(**anthropic_arguments(prompt))
        reply = Reply(status=raw.status_code, headers=raw.headers)
        finished = False
        try:
            async for event in await raw.parse():
                if event.type == "message_start":
                    reply = msgspec.structs.replace(
                        reply, model=event.message.model, usage=usage_of(event.message.usage)
                    )
                elif event.type == "content_block_delta" and reply.first_at is None:
                    reply = msgspec.structs.replace(reply, first_at=self._clock())
                elif event.type == "message_delta":
                    reply = msgspec.structs.replace(reply, usage=_grown(reply.usage, event.usage))
                elif event.type == "message_stop":
                    finished = True
        except anthropic.APIError as error:
            return msgspec.structs.replace(reply, error=error.message)
        return reply if finished else msgspec.structs.replace(reply, error="the stream ended too early")


def usage_of(usage: WireUsage) -> Usage:
    """Anthropic counts cached tokens beside the input's. Writes of unknown TTL count as the default's."""
    writes = usage.cache_creation
    return Usage(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cache_read=usage.cache_read_input_tokens or 0,
        cache_write_5m=(
            writes.ephemeral_5m_input_tokens if writes else usage.cache_creation_input_tokens or 0
        ),
        cache_write_1h=writes.ephemeral_1h_input_tokens if writes else 0,
    )


def _grown(usage: Usage | None, delta: MessageDeltaUsage) -> Usage:
    """The counts of a ``message_delta`` are cumulative; those that it leaves out stay as they were."""
    known = usage or Usage()
    cached, written = delta.cache_read_input_tokens, delta.cache_creation_input_tokens
    return msgspec.structs.replace(
        known,
        input=known.input if delta.input_tokens is None else delta.input_tokens,
        output=delta.output_tokens,
        cache_read=known.cache_read if cached is None else cached,
        cache_write_5m=known.cache_write_5m if written is None else written - known.cache_write_1h,
    )
