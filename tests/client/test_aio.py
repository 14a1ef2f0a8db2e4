"""The asynchronous client, over both backends."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from pointsman import AsyncClient, PointsmanError, errors
from pointsman.chat import Stop
from pointsman.client.backend import Backend, Settled
from pointsman.errors import InvalidRequest
from tests.support.clients import HOWS, How, backend_of, connected
from tests.support.stack import settings

MODELS = ("gpt-4o", "claude-haiku-4-5")
WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("how", HOWS)
async def test_chat_and_stream_say_the_same_and_cost_what_is_billed(how: How) -> None:
    async with connected(how) as (client, stack):
        for model in MODELS:
            whole = await client.chat(model, "Why is the sky blue?", system="Be brief.", max_tokens=40)
            async with client.stream(
                model, "Why is the sky blue?", system="Be brief.", max_tokens=40
            ) as stream:
                text = "".join([chunk.text async for chunk in stream])
                streamed = await stream.result()
            assert whole.text
            assert streamed.text == text
            assert (whole.model, whole.provider) == (streamed.model, streamed.provider)
            assert whole.attempts == streamed.attempts == 1
            assert whole.request_id != streamed.request_id
            assert (whole.stop, streamed.stop) == (Stop.LENGTH, Stop.LENGTH)
            assert whole.usage is not None
            assert whole.usage == streamed.usage
            assert whole.cost is not None
            assert not streamed.estimated
        billed = await stack.invoice()
        assert [Decimal(call["usd"]) for call in billed["calls"][-2:]] == [whole.cost, streamed.cost]


@pytest.mark.parametrize("how", HOWS)
async def test_a_tool_is_called_and_its_result_sent_back(how: How) -> None:
    async with connected(how) as (client, _):
        for model in MODELS:
            turns: list[dict[str, Any]] = [{"role": "user", "content": "What is the weather in Paris?"}]
            asked = await client.chat(model, turns, tools=[WEATHER])
            (call,) = asked.tool_calls
            assert (call.name, json.loads(call.arguments), asked.text) == (
                "get_weather",
                {"city": "Paris"},
                "",
            )
            assert asked.stop is Stop.TOOL_CALLS
            async with client.stream(model, turns, tools=[WEATHER]) as stream:
                chunks = [chunk async for chunk in stream]
                result = await stream.result()
            assert result.tool_calls[0].arguments == call.arguments
            assert [chunk.tool for chunk in chunks if chunk.tool] == ["get_weather"]
            assert "".join(chunk.arguments for chunk in chunks) == call.arguments
            turns += [asked.message, {"role": "tool", "tool_call_id": call.id, "content": "22 degrees"}]
            answer = await client.chat(model, turns, tools=[WEATHER])
            assert "22 degrees" in answer.text


@pytest.mark.parametrize("how", HOWS)
async def test_a_schema_is_kept_to(how: How) -> None:
    async with connected(how) as (client, _):
        wanted = {
            "type": "json_schema",
            "json_schema": {"name": "trip", "schema": SCHEMA, "strict": True},
        }
        for model in MODELS:
            result = await client.chat(model, "Plan a trip", response_format=wanted)
            assert set(json.loads(result.text)) == {"city", "days"}


FAILURES = [
    ("429:1:retry_after=0", errors.UpstreamRateLimited),
    ("500:1", errors.UpstreamUnavailable),
    ("529:1", errors.UpstreamUnavailable),
    ("reset:1:after=0", errors.UpstreamUnreachable),
    ("reset:1:after=3", errors.UpstreamUnreachable),
    ("malformed:1:after=3", errors.UpstreamMalformed),
]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("fault", "kind"), FAILURES)
async def test_a_failure_has_the_same_class_everywhere(
    how: How, fault: str, kind: type[PointsmanError]
) -> None:
    async with connected(how, fault) as (client, _):
        for model in MODELS:
            with pytest.raises(kind) as caught:
                await client.chat(model, "Why?")
            assert type(caught.value) is kind
            stream = client.stream(model, "Why?")
            with pytest.raises(kind) as caught:
                async for _chunk in stream:
                    pass
            assert type(caught.value) is kind
            with pytest.raises(kind):
                await stream.result()


PICTURE = [
    {
        "role": "user",
        "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}],
    }
]
REFUSALS: list[tuple[str, Any, dict[str, Any], type[PointsmanError]]] = [
    ("no-such-model", "Hi", {}, errors.ModelNotFound),
    ("gpt-4o", "Hi", {"temperature": "warm"}, errors.UpstreamRejected),
    ("claude-haiku-4-5", "Hi", {"temperature": "warm"}, errors.InvalidRequest),
    ("claude-haiku-4-5", "Hi", {"n": 2}, errors.UntranslatableRequest),
    ("deepseek-v4-pro", PICTURE, {}, errors.UnsupportedByModel),
    ("gpt-4o", "Hi", {"max_tokens": 10**6}, errors.UnsupportedByModel),
    ("gpt-4o", "words " * 400_000, {}, errors.ContextWindowExceeded),
]


@pytest.mark.parametrize("how", HOWS)
async def test_a_request_at_fault_is_named_alike(how: How) -> None:
    async with connected(how) as (client, _):
        for model, messages, options, kind in REFUSALS:
            with pytest.raises(PointsmanError) as caught:
                await client.chat(model, messages, **options)
            assert type(caught.value) is kind, (model, options)


@pytest.mark.parametrize("how", HOWS)
async def test_a_stream_left_early_stops_the_provider_and_is_booked_as_cut(how: How) -> None:
    async with connected(how, pace="real") as (client, stack):
        async with client.stream("gpt-4o", "Tell me everything about trains", max_tokens=2000) as stream:
            async for chunk in stream:
                if chunk.text:
                    break
        with pytest.raises(errors.StreamBroken, match="closed before its end"):
            await stream.result()
        entry = await stack.ledger.first()
        assert (entry.outcome, entry.estimated) == ("cut", True)
        (call,) = (await stack.invoice())["calls"]
        assert call["outcome"] == "cut"
        assert entry.usage is not None
        assert call["output"] <= entry.usage.output < 2000


@pytest.mark.parametrize("how", HOWS)
async def test_closing_ends_what_is_under_way_and_is_done_once(how: How) -> None:
    async with connected(how, pace="real") as (client, stack):
        stream = client.stream("gpt-4o", "Tell me everything about trains", max_tokens=2000)
        await anext(stream)
        await client.close()
        await client.close()
        assert (await stack.ledger.first()).outcome == "cut"
        assert [chunk async for chunk in stream] == []
        with pytest.raises(errors.InvalidRequest, match="client is closed") as caught:
            await client.chat("gpt-4o", "Hi")
        assert caught.value.code == "client_closed"
        with pytest.raises(errors.InvalidRequest, match="client is closed"):
            client.stream("gpt-4o", "Hi")


class Forgetful:
    """Cannot say what a request came to."""

    def __init__(self, inner: Backend) -> None:
        self.send = inner.send
        self.feedback = inner.feedback
        self.close = inner.close

    async def settled(self, request_id: str) -> Settled | None:
        raise errors.UpstreamUnreachable("gone")


async def test_a_failing_look_up_loses_no_answer() -> None:
    async with (
        connected("in_process") as (_, stack),
        AsyncClient(backend=Forgetful(backend_of("in_process", stack))) as client,
    ):
        stream = client.stream("gpt-4o", "Why?")
        result = await stream.result()
        assert result.text
        assert result.cost is None
        assert await stream.result() is result


@pytest.mark.parametrize("how", HOWS)
async def test_feedback_is_for_answers_of_a_route(how: How) -> None:
    auto = {"default": {"policy": "fixed", "pool": list(MODELS)}}
    async with connected(how, given=settings(auto=auto)) as (client, stack):
        result = await client.chat("auto", "Why?", max_tokens=20)
        await client.feedback(result.request_id, thumbs="up", comment="It helped.")
        metrics = stack.stack.gateway.labelling.metrics
        assert dict(metrics.labels) == {("default", MODELS[-1], "feedback"): 1}
        with pytest.raises(errors.NotFound, match="req_none"):
            await client.feedback("req_none", 1.0)
        with pytest.raises(errors.InvalidRequest, match="score is a number from 0 to 1"):
            await client.feedback(result.request_id, 3)
        named = await client.chat(MODELS[0], "Why?", max_tokens=20)
        with pytest.raises(errors.InvalidRequest, match="nothing can be learned") as caught:
            await client.feedback(named.request_id, 1)
        assert caught.value.code == "no_decision"


@pytest.mark.parametrize("how", HOWS)
async def test_a_call_with_a_key_is_answered_once(how: How) -> None:
    async with connected(how) as (client, stack):

        async def say(text: str, key: str | None = "one") -> tuple[str, str]:
            done = await client.chat("gpt-4o", text, max_tokens=40, idempotency_key=key)
            async with client.stream("gpt-4o", text, idempotency_key=key and f"{key} stream") as stream:
                streamed = await stream.result()
            return f"{done.request_id} {done.text}", f"{streamed.request_id} {streamed.text}"

        first = await say("Why?")
        assert await say("Why?") == first
        assert len([entry for entry in stack.ledger.entries if entry.attempts]) == 2
        assert await say("Why?", None) != first
        with pytest.raises(errors.Conflict, match="Take a new key"):
            await say("Why not?")
        with pytest.raises(InvalidRequest, match="Idempotency-Key"):
            await say("Why?", "caf\xe9")


async def test_a_client_that_is_closed_does_not_wait_for_what_is_gone_on_with() -> None:
    async with connected("in_process", pace="real") as (client, stack):
        story = "Tell me a long story."
        async with client.stream("gpt-4o", story, idempotency_key="one") as stream:
            await anext(aiter(stream))
        call = asyncio.create_task(client.chat("gpt-4o", story, idempotency_key="two"))
        await asyncio.sleep(0)
        call.cancel()
        async with asyncio.timeout(5):
            await client.close()
            await asyncio.gather(call, return_exceptions=True)
        assert "cut" in {entry.outcome for entry in stack.ledger.entries}
