"""The official SDKs send a key that their user names as a header, with their own retries too."""

from __future__ import annotations

import anthropic
import openai
import pytest

from pointsman.simulator import Config, parse_faults
from tests.support.stack import running_stack, settings

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


async def test_openai() -> None:
    async with (
        running_stack() as stack,
        openai.AsyncOpenAI(api_key="k", base_url=f"{stack.gateway_url}/v1", max_retries=2) as client,
    ):

        async def ask(prompt: str) -> openai.types.chat.ChatCompletion:
            return await client.chat.completions.create(
                model="gpt-5.4-mini", messages=[{"role": "user", "content": prompt}], extra_headers=KEY
            )

        assert await ask("Why?") == await ask("Why?")
        with pytest.raises(openai.ConflictError, match="Take a new key"):
            await ask("Why not?")
        assert [entry.cache for entry in stack.ledger.entries] == ["", "replay"]
        assert stack.gateway.idempotency.metrics.requests["other_request"] == 1  # it was not tried again


async def test_anthropic_streams() -> None:
    async with (
        running_stack() as stack,
        anthropic.AsyncAnthropic(api_key="k", base_url=stack.gateway_url, max_retries=2) as client,
    ):

        async def ask(prompt: str) -> str:
            async with client.messages.stream(
                model="claude-haiku-4-5",
                max_tokens=50,
                messages=[{"role": "user", "content": prompt}],
                extra_headers=KEY,
            ) as stream:
                return (await stream.get_final_message()).to_json()

        assert await ask("Why?") == await ask("Why?")
        with pytest.raises(anthropic.ConflictError, match="Take a new key"):
            await ask("Why not?")
        assert [entry.cache for entry in stack.ledger.entries] == ["", "replay"]


async def test_a_retry_after_a_failure_is_a_real_one() -> None:
    config = Config(faults=parse_faults("gpt-5.4-mini/500:1"))
    async with (
        running_stack(config, given=settings(retries={"attempts": 1})) as stack,
        openai.AsyncOpenAI(api_key="k", base_url=f"{stack.gateway_url}/v1") as client,
    ):
        for _ in range(2):
            with pytest.raises(openai.InternalServerError):
                await client.chat.completions.create(
                    model="gpt-5.4-mini", messages=[{"role": "user", "content": "Why?"}], extra_headers=KEY
                )
        assert stack.gateway.idempotency.metrics.requests == {"first": 2}
        assert len(stack.ledger.entries) == 2
