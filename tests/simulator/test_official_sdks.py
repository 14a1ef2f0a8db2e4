"""The official SDKs talk to the simulator as to the real thing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import openai
import pydantic
import pytest

from tests.support.simulated import invoice, simulated

WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
OPENAI_TOOL: Any = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}
ANTHROPIC_TOOL: Any = {"name": "get_weather", "input_schema": WEATHER}
ASK: Any = [{"role": "user", "content": "What is the weather in Paris?"}]


class Trip(pydantic.BaseModel):
    city: str
    days: int
    hotels: list[str]


@pytest.fixture
async def base_url() -> AsyncIterator[str]:
    async with simulated() as (_, base_url):
        yield base_url


@pytest.fixture
async def gpt(base_url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=base_url + "/openai/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
async def claude(base_url: str) -> AsyncIterator[anthropic.AsyncAnthropic]:
    url = base_url + "/anthropic"
    async with anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0) as client:
        yield client


async def test_openai_whole_and_streamed_say_the_same(gpt: openai.AsyncOpenAI, base_url: str) -> None:
    messages: Any = [{"role": "user", "content": "Tell me about trains"}]
    whole = await gpt.chat.completions.create(model="gpt-4o", messages=messages, max_completion_tokens=30)
    assert whole.choices[0].finish_reason == "length"
    stream = await gpt.chat.completions.create(
        model="gpt-4o", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].usage is not None
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    first, second = (await invoice(base_url))["calls"]
    assert whole.usage is not None
    assert (first["input"], first["output"]) == (whole.usage.prompt_tokens, whole.usage.completion_tokens)
    assert second["output"] == chunks[-1].usage.completion_tokens


async def test_openai_tools_and_schema(gpt: openai.AsyncOpenAI) -> None:
    called = await gpt.chat.completions.create(model="gpt-4o", messages=ASK, tools=[OPENAI_TOOL])
    (call,) = called.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    parsed = await gpt.chat.completions.parse(model="gpt-4o", messages=ASK, response_format=Trip)
    assert isinstance(parsed.choices[0].message.parsed, Trip)
    async with gpt.chat.completions.stream(model="gpt-4o", messages=ASK, response_format=Trip) as stream:
        final = await stream.get_final_completion()
    assert isinstance(final.choices[0].message.parsed, Trip)


async def test_anthropic_whole_and_streamed(claude: anthropic.AsyncAnthropic, base_url: str) -> None:
    whole = await claude.messages.create(model="claude-haiku-4-5", max_tokens=25, messages=ASK)
    assert (whole.stop_reason, whole.usage.output_tokens) == ("max_tokens", 25)
    async with claude.messages.stream(model="claude-haiku-4-5", max_tokens=900, messages=ASK) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        final = await stream.get_final_message()
    assert text == final.content[0].text  # type: ignore[union-attr]  # a text block, or the test fails
    first, second = (await invoice(base_url))["calls"]
    assert first["output"] == 25
    assert second["output"] == final.usage.output_tokens
    assert second["input"] == final.usage.input_tokens


async def test_anthropic_tools_streamed(claude: anthropic.AsyncAnthropic) -> None:
    async with claude.messages.stream(
        model="claude-haiku-4-5", max_tokens=900, messages=ASK, tools=[ANTHROPIC_TOOL]
    ) as stream:
        final = await stream.get_final_message()
    (block,) = final.content
    assert block.type == "tool_use"
    assert (block.name, block.input, final.stop_reason) == ("get_weather", {"city": "Paris"}, "tool_use")


async def test_anthropic_schema_thinking_and_counting(claude: anthropic.AsyncAnthropic) -> None:
    parsed = await claude.messages.parse(
        model="claude-haiku-4-5", max_tokens=900, messages=ASK, output_format=Trip
    )
    assert isinstance(parsed.parsed_output, Trip)
    thought = await claude.messages.create(
        model="claude-haiku-4-5",
        max_tokens=2000,
        messages=ASK,
        thinking={"type": "enabled", "budget_tokens": 1024},
    )
    assert [block.type for block in thought.content] == ["thinking", "text"]
    counted = await claude.messages.count_tokens(model="claude-haiku-4-5", messages=ASK)
    assert counted.input_tokens == thought.usage.input_tokens


async def test_prompt_caching(claude: anthropic.AsyncAnthropic, base_url: str) -> None:
    system: Any = [{"type": "text", "text": "rail " * 6000, "cache_control": {"type": "ephemeral"}}]
    usages = []
    for _ in range(2):
        answer = await claude.messages.create(
            model="claude-haiku-4-5", max_tokens=5, messages=ASK, system=system
        )
        usages.append(answer.usage)
    written, read = usages
    assert written.cache_creation_input_tokens == read.cache_read_input_tokens != 0
    assert written.input_tokens == read.input_tokens
    first, second = (await invoice(base_url))["calls"]
    assert first["cache_write_5m"] == second["cache_read"] == written.cache_creation_input_tokens
    assert float(first["usd"]) > float(second["usd"])


async def test_errors(gpt: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic, base_url: str) -> None:
    with pytest.raises(openai.NotFoundError):
        await gpt.chat.completions.create(model="nope", messages=ASK)
    with pytest.raises(anthropic.NotFoundError):
        await claude.messages.create(model="nope", max_tokens=1, messages=ASK)
    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        await claude.messages.create(
            model="claude-haiku-4-5", max_tokens=1, messages=ASK, extra_body={"temperature": 0.5}
        )
    assert [call["status"] for call in (await invoice(base_url))["calls"]] == [404, 404, 400]


@pytest.mark.parametrize(("fault", "openai_error", "anthropic_error"), [
    ("429:1:retry_after=7", openai.RateLimitError, anthropic.RateLimitError),
    ("500:1", openai.InternalServerError, anthropic.InternalServerError),
    ("529:1", openai.InternalServerError, anthropic.OverloadedError),
    ("reset:1:after=0", openai.APIConnectionError, anthropic.APIConnectionError),
])  # fmt: skip
async def test_faults(fault: str, openai_error: type[Exception], anthropic_error: type[Exception]) -> None:
    async with (
        simulated(fault) as (_, base_url),
        openai.AsyncOpenAI(base_url=base_url + "/openai/v1", api_key="any", max_retries=0) as gpt,
        anthropic.AsyncAnthropic(base_url=base_url + "/anthropic", api_key="any", max_retries=0) as claude,
    ):
        with pytest.raises(openai_error) as caught:
            await gpt.chat.completions.create(model="gpt-4o", messages=ASK)
        if isinstance(caught.value, openai.RateLimitError):
            assert caught.value.response.headers["retry-after"] == "7"
        with pytest.raises(anthropic_error):
            await claude.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=ASK)


async def test_the_sdks_retries_come_through() -> None:
    async with (
        simulated("429:at=1:retry_after=0") as (_, base_url),
        openai.AsyncOpenAI(base_url=base_url + "/openai/v1", api_key="any", max_retries=1) as gpt,
    ):
        assert (await gpt.chat.completions.create(model="gpt-4o", messages=ASK)).choices
        calls = (await invoice(base_url))["calls"]
    assert [call["outcome"] for call in calls] == ["rejected", "ok"]


@pytest.mark.parametrize(("base", "model"), [
    ("/gemini", "gemini-2.5-flash"),
    ("/gemini/v1beta/openai", "gemini-2.5-flash"),
    ("/deepseek", "deepseek-flash"),
    ("/holysheep/v1", "claude-haiku-4-5"),
])  # fmt: skip
async def test_the_other_providers(base_url: str, base: str, model: str) -> None:
    async with openai.AsyncOpenAI(base_url=base_url + base, api_key="any") as client:
        answer = await client.chat.completions.create(model=model, messages=ASK)
        assert answer.choices[0].message.content
        assert model in [each.id async for each in client.models.list()]
