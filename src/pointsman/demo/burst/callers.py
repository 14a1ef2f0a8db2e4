"""How programs call: the official ``openai`` package as it is, or within a loop. Needs the extra ``demo``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import openai

from .backoff import with_backoff
from .burst import Ask


class SdkCaller:
    """``openai.AsyncOpenAI`` as it is: two retries, after as long as ``Retry-After`` says, or 0.5 s and more.

    Args:
        base_url: with ``/v1``, as the SDK wants it.
        retries: None: as many as the SDK makes by itself.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        retries: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key,
            max_retries=openai.DEFAULT_MAX_RETRIES if retries is None else retries,
            default_headers=headers,
        )
        self._model = model

    async def ask(self, ask: Ask) -> int:
        """Ask, and read the whole answer. Returns its tokens, 0 where none were told.

        Raises:
            openai.APIError: there is none.
        """
        create = self._client.chat.completions.create
        messages: list[openai.types.chat.ChatCompletionMessageParam] = [
            {"role": "user", "content": ask.prompt}
        ]
        if not ask.stream:
            whole = await create(model=self._model, messages=messages, max_completion_tokens=ask.max_tokens)
            return whole.usage.total_tokens if whole.usage else 0
        tokens = 0
        async for chunk in await create(
            model=self._model,
            messages=messages,
            max_completion_tokens=ask.max_tokens,
            stream=True,
            stream_options={"include_usage": True},
        ):
            if chunk.usage is not None:
                tokens = chunk.usage.total_tokens
        return tokens

    async def close(self) -> None:
        await self._client.close()


class LoopCaller:
    """The same SDK with its retries off, within the loop of ``backoff.py``."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
    ) -> None:
        self._once = SdkCaller(base_url, api_key, model, retries=0)
        self._sleep = sleep
        self._random = random

    async def ask(self, ask: Ask) -> int:
        """As ``SdkCaller.ask``, but with other retries."""
        return await with_backoff(
            lambda: self._once.ask(ask),
            failures=(openai.APIError,),
            sleep=self._sleep,
            random=self._random,
        )

    async def close(self) -> None:
        await self._once.close()
