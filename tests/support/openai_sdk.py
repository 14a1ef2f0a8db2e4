"""The official OpenAI SDK as a judge: it is fed bytes as if they had come over the network."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx2
import openai
from openai import ContentFilterFinishReasonError, LengthFinishReasonError
from openai.lib.streaming.chat import ChatCompletionStreamState


def accumulate_openai(body: bytes) -> Any:
    """The completion that OpenAI's SDK makes of a whole stream."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    transport = httpx2.MockTransport(answer)
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    with openai.OpenAI(api_key="k", max_retries=0, http_client=httpx2.Client(transport=transport)) as client:
        chunks = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        for chunk in chunks:
            with contextlib.suppress(LengthFinishReasonError, ContentFilterFinishReasonError):
                state.handle_chunk(chunk)  # raises at such an end, after it has taken the chunk
    return state.current_completion_snapshot
