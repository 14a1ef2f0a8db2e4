"""The official ``openai`` package, asking the gateway. Needs the extra ``demo``."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk

from pointsman.chat import Usage

from .forms import openai_arguments
from .prompts import DemoPrompt
from .result import Reply


class OpenAISender:
    """Sends prompts as a program that uses ``openai.AsyncOpenAI`` would.

    The SDK's own retries are off: the demo counts what the gateway does.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float, clock: Callable[[], float]) -> None:
        self._client = openai.AsyncOpenAI(
            base_url=f"{base_url}/v1", api_key=api_key, timeout=timeout, max_retries=0
        )
        self._clock = clock

    async def send(self, prompt: DemoPrompt) -> Reply:
        """Never raises for what the gateway or the network did: that is in the reply."""
        try:
            if prompt.stream:
                return await self._stream(prompt)
            return await self._whole(prompt)
        except openai.APIStatusError as error:
            return Reply(status=error.status_code, headers=error.response.headers, error=error.message)
        except openai.APIError as error:
            return Reply(status=0, error=error.message)

    async def find(self, request_id: str) -> object | None:
        """What the gateway knows of a request; None if it does not know it (yet)."""
        try:
            return await self._client.get(f"/requests/{request_id}", cast_to=object)
        except openai.APIError:
            return None

    async def close(self) -> None:
        await self._client.close()

    async def _whole(self, prompt: DemoPrompt) -> Reply:
        raw = await self._client.chat.completions.with_raw_response.create(**openai_arguments(prompt))
        completion = raw.parse()
        return Reply(
            status=raw.status_code,
            headers=raw.headers,
            model=completion.model,
            usage=usage_of(completion.usage),
        )

    async def _stream(self, prompt: DemoPrompt) -> Reply:
        raw = await self._client.chat.completions.with_raw_response.create(**openai_arguments(prompt))
        reply = Reply(status=raw.status_code, headers=raw.headers)
        finished = False
        try:
            async for chunk in raw.parse():
                if reply.first_at is None and _has_content(chunk):
                    reply = msgspec.structs.replace(reply, first_at=self._clock())
                if chunk.usage is not None:
                    reply = msgspec.structs.replace(reply, usage=usage_of(chunk.usage))
                if any(choice.finish_reason for choice in chunk.choices):
                    finished = True
                    reply = msgspec.structs.replace(reply, model=chunk.model)
        except openai.APIError as error:
            return msgspec.structs.replace(reply, error=error.message)
        return reply if finished else msgspec.structs.replace(reply, error="the stream ended too early")


def _has_content(chunk: ChatCompletionChunk) -> bool:
    return any(
        choice.delta.content or choice.delta.tool_calls or choice.delta.refusal for choice in chunk.choices
    )


def usage_of(usage: CompletionUsage | None) -> Usage | None:
    """OpenAI counts cached tokens within the prompt's, and reasoning within the completion's."""
    if usage is None:
        return None
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = (prompt.cached_tokens if prompt else None) or 0
    return Usage(
        input=usage.prompt_tokens - cached,
        cache_read=cached,
        output=usage.completion_tokens,
        reasoning=(completion.reasoning_tokens if completion else None) or 0,
    )
