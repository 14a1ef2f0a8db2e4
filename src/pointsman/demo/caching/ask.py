"""Sends the day of the caches as programs would, each request at its hour: the many questions of the staff
plainly, all else with the official SDKs.

Needs the extra ``demo``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import anthropic
import msgspec
import openai

from pointsman.errors import PointsmanError
from pointsman.http1 import HttpRequest, Timeouts, Transport

from .caching import Ask
from .told import Lane, Sent

Headers = tuple[tuple[str, str], ...]
FAILURES = (openai.APIError, anthropic.APIError, PointsmanError)
_ANTHROPIC: Headers = (("anthropic-version", "2023-06-01"), ("x-pointsman-cache", "sampled"))
"""Newer Claude models take no temperature, so it is said that any earlier answer will do."""
_CUT_AFTER = 12
"""Events, after which a client loses its stream."""


class Office:
    """Everyone who asks, at one gateway.

    Args:
        transport: for the staff.
        gateway: its address.
        careful: they send idempotency keys with what must not be paid twice, and come back to streams that
            were cut off. Otherwise they ask anew.
    """

    def __init__(self, transport: Transport, gateway: str, *, careful: bool) -> None:
        self._transport = transport
        self._gateway = gateway
        self._careful = careful
        self._openai = openai.AsyncOpenAI(base_url=f"{gateway}/v1", api_key="demo", max_retries=0)
        self._anthropic = anthropic.AsyncAnthropic(base_url=gateway, api_key="demo", max_retries=0)

    async def close(self) -> None:
        await self._openai.close()
        await self._anthropic.close()

    async def ask(self, ask: Ask) -> list[Sent]:
        """Ask, and read all of the answer; each request that it took.

        Raises:
            openai.APIError, anthropic.APIError, PointsmanError: there is none.
        """
        match ask.part:
            case "questions":
                return [await self._plainly(ask)]
            case "retries":
                return await self._retry(ask)
            case "resumed":
                return await self._resume(ask)
            case _:
                return [await self._once(ask)]

    async def _plainly(self, ask: Ask) -> Sent:
        openais = ask.sdk == "openai"
        path = "/v1/chat/completions" if openais else "/v1/messages"
        body = _openai_arguments(ask) if openais else _anthropic_arguments(ask)
        headers: Headers = (("authorization", "Bearer demo"), ("content-type", "application/json"))
        if not openais:
            headers += _ANTHROPIC
        request = HttpRequest("POST", self._gateway + path, headers, msgspec.json.encode(body))
        response = await self._transport.send(request, Timeouts())
        said = await response.read()
        if response.status != 200:
            raise PointsmanError(said.decode(errors="replace"), status=response.status)
        return _sent(ask, response.headers)

    async def _retry(self, ask: Ask) -> list[Sent]:
        """The answer comes, but not to the client: its connection has gone. So it asks again."""
        headers = {"Idempotency-Key": f'"{ask.part}-{ask.number}"'} if self._careful else {}
        return [await self._once(ask, headers), await self._once(ask, headers)]

    async def _resume(self, ask: Ask) -> list[Sent]:
        """After some events the connection is lost. Who is careful comes back for the rest."""
        if not self._careful:
            return [await self._lines(ask, {}, _CUT_AFTER), await self._lines(ask, {}, None)]
        headers = {"x-pointsman-resumable": "true"}
        last: list[str] = []
        cut = await self._lines(ask, headers, _CUT_AFTER, last)
        return [cut, await self._lines(ask, headers | {"Last-Event-ID": last[-1]}, None)]

    async def _lines(
        self, ask: Ask, headers: Mapping[str, str], most: int | None, ids: list[str] | None = None
    ) -> Sent:
        """Read a stream line by line, since SDKs show no ids of events; leave after ``most`` of them."""
        create = self._openai.chat.completions.with_streaming_response.create
        events = 0
        async with create(**_openai_arguments(ask), extra_headers=dict(headers)) as response:
            sent = _sent(ask, response.headers)
            async for line in response.iter_lines():
                if line.startswith("id:") and ids is not None:
                    ids.append(line[3:].strip())
                events += line.startswith("data:")
                if events == most:
                    break
        return sent

    async def _once(self, ask: Ask, headers: Mapping[str, str] = {}) -> Sent:
        if ask.sdk == "anthropic":
            return await self._ask_anthropic(ask, headers)
        raw = await self._openai.chat.completions.with_raw_response.create(
            **_openai_arguments(ask), extra_headers=dict(headers)
        )
        if ask.stream:
            async for _ in raw.parse():
                pass
        return _sent(ask, raw.headers)

    async def _ask_anthropic(self, ask: Ask, headers: Mapping[str, str]) -> Sent:
        raw = await self._anthropic.messages.with_raw_response.create(
            **_anthropic_arguments(ask), extra_headers=dict(headers)
        )
        told = await raw.parse()
        if ask.stream:
            async for _ in told:
                pass
        return _sent(ask, raw.headers)


async def live_through(
    office: Office,
    lane: Lane,
    day: Sequence[Ask],
    agent: Sequence[Ask],
    *,
    hour: float,
    sleep: Callable[[float], Awaitable[None]],
    now: Callable[[], float],
) -> None:
    """The whole day: each request when it is due, whatever became of the others; the agent's turn by turn.

    Args:
        hour: seconds that stand for an hour.
    """
    begun = now()

    async def until(at: float) -> None:
        await sleep(max(0.0, begun + at * hour - now()))

    async def one(ask: Ask) -> None:
        try:
            lane.sent.extend(await office.ask(ask))
        except FAILURES as error:
            lane.errors.append(f"{ask.part}: {error}")

    async def converse() -> None:
        for ask in agent:
            await until(ask.at)
            await one(ask)

    async with asyncio.TaskGroup() as group:
        group.create_task(converse())
        for ask in day:
            await until(ask.at)
            group.create_task(one(ask))


def _sent(ask: Ask, headers: Mapping[str, str]) -> Sent:
    return Sent(ask.part, ask.at, headers.get("x-request-id", ""), headers.get("x-pointsman-cache", ""))


def _openai_arguments(ask: Ask) -> dict[str, Any]:
    system = [{"role": "system", "content": ask.system}] if ask.system else []
    arguments: dict[str, Any] = {
        "model": ask.model,
        "messages": [*system, *ask.messages],
        "max_completion_tokens": ask.max_tokens,
        "temperature": ask.temperature,
    }
    if ask.stream:
        arguments |= {"stream": True, "stream_options": {"include_usage": True}}
    return arguments


def _anthropic_arguments(ask: Ask) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": ask.model,
        "messages": list(ask.messages),
        "max_tokens": ask.max_tokens,
        "stream": ask.stream,
    }
    if ask.system:
        arguments["system"] = ask.system
    return arguments
