"""What type checkers see of the public API. Checked by ``scripts/check`` (mypy --strict), never run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_type

from pointsman import (
    AsyncChatStream,
    AsyncClient,
    ChatChunk,
    ChatResult,
    ChatStream,
    Client,
    LimitedCall,
    PointsmanError,
    RateLimiter,
    Retry,
    RetryBudget,
    RetryPolicy,
    Usage,
    __version__,
    call_with_retry,
    call_with_retry_sync,
)
from pointsman.chat import Stop, ToolCall

assert_type(__version__, str)


def sync_calls(client: Client) -> None:
    result = client.chat("m", "Hi")
    assert_type(result, ChatResult)
    assert_type(result.text, str)
    assert_type(result.usage, Usage | None)
    assert_type(result.cost, Decimal | None)
    assert_type(result.stop, Stop)
    assert_type(result.tool_calls, tuple[ToolCall, ...])
    assert_type(result.message, dict[str, Any])
    client.chat("m", [{"role": "user", "content": "Hi"}, result.message], temperature=0.5, seed=1)
    client.chat("m", "Hi", max_tokens="many")  # type: ignore[arg-type]  # a number
    client.chat("m", 3)  # type: ignore[arg-type]  # text or messages
    stream = client.stream("m", "Hi", system="Be brief.", max_tokens=5, stop=["."], tools=[{}])
    assert_type(stream, ChatStream)
    for chunk in stream:
        assert_type(chunk, ChatChunk)
        assert_type(chunk.text, str)
    assert_type(stream.result(), ChatResult)
    client.feedback(result.request_id, 0.5, comment="fine")
    client.feedback(result.request_id, "good")  # type: ignore[arg-type]  # a number
    with Client("http://127.0.0.1:8080", "pm_key") as other, other.stream("m", "Hi") as entered:
        assert_type(other, Client)
        assert_type(entered, ChatStream)


async def async_calls(client: AsyncClient) -> None:
    assert_type(await client.chat("m", "Hi", top_p=0.9), ChatResult)
    stream = client.stream("m", "Hi")
    assert_type(stream, AsyncChatStream)
    async for chunk in stream:
        assert_type(chunk, ChatChunk)
    assert_type(await stream.result(), ChatResult)
    async with AsyncClient(simulator_url="http://127.0.0.1:9000", ledger="calls.db") as other:
        assert_type(other, AsyncClient)


def errors(client: Client) -> None:
    try:
        client.chat("m", "Hi")
    except PointsmanError as error:
        assert_type(error.message, str)
        assert_type(error.status, int)
        assert_type(error.retryable, bool)
        assert_type(error.retry_after, float | None)


async def retries(client: AsyncClient, blocking: Client) -> None:
    def tell(retry: Retry) -> None:
        assert_type(retry.number, int)
        assert_type(retry.wait, float)

    policy = RetryPolicy(attempts=5, base_delay=1.0)
    result = await call_with_retry(client.chat, "m", "Hi", policy=policy, deadline=30.0, on_retry=tell)
    assert_type(result, ChatResult)
    other = call_with_retry_sync(blocking.chat, "m", "Hi", policy=policy, budget=RetryBudget())
    assert_type(other, ChatResult)
    await call_with_retry(blocking.chat, "m", "Hi")  # type: ignore[arg-type]  # a coroutine function


async def limited_calls() -> None:
    limiter = RateLimiter(rpm=60, tpm=100_000, models={"opus-4": {"rpm": 5}})
    assert_type(await limiter.acquire("opus-4", 500), bool)
    async with limiter.limit("opus-4", input=500, output=300, max_wait=30, key="team-a") as call:
        assert_type(call, LimitedCall)
        call.used(input=480, output=211)
        assert_type(call.waited, float)
    RateLimiter(requests_per_minute=60, tokens_per_minute=100_000, rolling=True)
    RateLimiter(60)  # type: ignore[call-arg]  # which of the limits?
