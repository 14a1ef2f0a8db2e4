"""The official SDKs read streams with ids as any others, and take refusals of ids for what they are."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import openai
import pytest

from tests.support.cutting import cutting
from tests.support.event_ids import ids_of
from tests.support.pages import examples, run_python
from tests.support.stack import Stack, running_stack, settings

PROMPT: Any = [{"role": "user", "content": "Tell me a short story."}]
ALWAYS = settings(streams={"resumable": True})


async def by_openai(stack: Stack, model: str, headers: dict[str, str]) -> tuple[str, int]:
    async with openai.AsyncOpenAI(api_key="k", base_url=f"{stack.gateway_url}/v1", max_retries=0) as client:
        stream = await client.chat.completions.create(
            model=model,
            messages=PROMPT,
            max_completion_tokens=40,
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=headers,
        )
        chunks = [chunk async for chunk in stream]
        usage = chunks[-1].usage
        assert usage is not None
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        return text, usage.completion_tokens


async def by_anthropic(stack: Stack, model: str, headers: dict[str, str]) -> tuple[str, int]:
    async with (
        anthropic.AsyncAnthropic(api_key="k", base_url=stack.gateway_url, max_retries=0) as client,
        client.messages.stream(model=model, max_tokens=40, messages=PROMPT, extra_headers=headers) as stream,
    ):
        message = await stream.get_final_message()
        return "".join(
            block.text for block in message.content if block.type == "text"
        ), message.usage.output_tokens


@pytest.mark.parametrize("ask", [by_openai, by_anthropic])
@pytest.mark.parametrize("model", ["claude-haiku-4-5", "gpt-5.4-mini"])
async def test_streams_with_ids(ask: Any, model: str) -> None:
    async with running_stack(given=ALWAYS) as stack:
        text, tokens = await ask(stack, model, {})
        assert len(text) > 20
        assert tokens > 5
        metrics = stack.gateway.streams.metrics
        assert (metrics.begun, metrics.kept()) == (1, 1)
        request_id = stack.ledger.entries[0].request_id
        status, _, body = await stack.call("GET", f"/v1/requests/{request_id}/stream")
        assert status == 200
        end = {"last-event-id": ids_of(body)[-1]}
        status, head, nothing = await stack.call("GET", f"/v1/requests/{request_id}/stream", headers=end)
        assert (status, nothing, "content-length" in head) == (204, b"", False)
        last = ids_of(body)[len(ids_of(body)) // 2]
        if ask is by_anthropic:
            return
        rest, _ = await ask(stack, model, {"Last-Event-ID": last})
        assert rest
        assert text.endswith(rest)
        assert len(stack.ledger.entries) == 1


@pytest.mark.parametrize("ask", [by_openai, by_anthropic])
async def test_refusals_are_errors_of_the_sdk_and_not_tried_again(ask: Any) -> None:
    sdk: Any = openai if ask is by_openai else anthropic
    async with running_stack() as stack:
        with pytest.raises(sdk.NotFoundError, match="without Last-Event-ID"):
            await ask(stack, "gpt-5.4-mini", {"Last-Event-ID": "req_1:1"})
        with pytest.raises(sdk.BadRequestError, match="Send exactly what"):
            await ask(stack, "gpt-5.4-mini", {"Last-Event-ID": "17"})
        assert not stack.ledger.entries
        assert stack.gateway.streams.metrics.resumed == {"gone": 1, "bad_id": 1}


async def test_an_sdk_comes_back_as_the_page_says() -> None:
    """Over a network that cuts its first connection."""
    _, example = examples("resumable-streams.md")
    async with running_stack() as stack, cutting(stack.gateway_url, after=6_000, most=1) as network:
        addresses = {"http://127.0.0.1:8080": network.url}
        said = await asyncio.to_thread(run_python, example, "resumable-streams.md", addresses)
        assert network.cuts == 1
        asked, replay = stack.ledger.entries
        assert (asked.outcome, replay.cache, replay.source) == ("ok", "replay", asked.request_id)
        assert asked.usage is not None
        assert len(said.split()) > 20
        assert len((await stack.invoice())["calls"]) == 1
