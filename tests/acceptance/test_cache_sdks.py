"""The official SDKs read answers that were kept like those that were made for them, in both dialects."""

from __future__ import annotations

import anthropic
import openai

from tests.support.stack import running_stack, settings

PROMPT = "Why is the sky blue?"


async def test_both_sdks_share_one_answer_whole_and_streamed() -> None:
    async with (
        running_stack(given=settings(cache={"enabled": True, "sampled": True})) as stack,
        openai.AsyncOpenAI(api_key="k", base_url=f"{stack.gateway_url}/v1") as first,
        anthropic.AsyncAnthropic(api_key="k", base_url=stack.gateway_url) as second,
    ):
        said = list[str | None]()
        for _ in range(2):
            answer = await first.chat.completions.create(
                model="gpt-5.4-mini", max_tokens=4000, messages=[{"role": "user", "content": PROMPT}]
            )
            said.append(answer.choices[0].message.content)
        async with first.chat.completions.stream(
            model="gpt-5.4-mini", max_tokens=4000, messages=[{"role": "user", "content": PROMPT}]
        ) as stream:
            said.append((await stream.get_final_completion()).choices[0].message.content)
        message = await second.messages.create(
            model="gpt-5.4-mini", max_tokens=4000, messages=[{"role": "user", "content": PROMPT}]
        )
        said.append("".join(block.text for block in message.content if block.type == "text"))
        async with second.messages.stream(
            model="gpt-5.4-mini", max_tokens=4000, messages=[{"role": "user", "content": PROMPT}]
        ) as events:
            said.append(await events.get_final_text())
            final = await events.get_final_message()
        assert answer.usage is not None
        assert final.usage.output_tokens == message.usage.output_tokens == answer.usage.completion_tokens
        assert said[0] and len(set(said)) == 1
        await stack.ledger.flush()
        assert [entry.provider for entry in stack.ledger.entries] == ["openai", *["cache"] * 4]
        assert len((await stack.invoice())["calls"]) == 1


async def test_both_sdks_share_an_answer_of_claude() -> None:
    async with (
        running_stack(given=settings(cache={"enabled": True, "sampled": True})) as stack,
        openai.AsyncOpenAI(api_key="k", base_url=f"{stack.gateway_url}/v1") as first,
        anthropic.AsyncAnthropic(api_key="k", base_url=stack.gateway_url) as second,
    ):
        one = await first.chat.completions.create(
            model="claude-haiku-4-5", max_tokens=4000, messages=[{"role": "user", "content": PROMPT}]
        )
        async with second.messages.stream(
            model="claude-haiku-4-5", max_tokens=4000, messages=[{"role": "user", "content": PROMPT}]
        ) as events:
            assert await events.get_final_text() == one.choices[0].message.content
        assert len((await stack.invoice())["calls"]) == 1
