"""Requests for the simulated providers, and their invoice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pointsman.simulator import Config, Simulator, app, parse_faults
from tests.support.raw_http import Exchange, exchange
from tests.support.servers import serve

OPENAI_PATH = "/openai/v1/chat/completions"
ANTHROPIC_PATH = "/anthropic/v1/messages"
KEY = {"authorization": "Bearer any"}
VERSION = {"anthropic-version": "2023-06-01"}


def openai_body(prompt: str = "Why do trains run late?", **more: Any) -> dict[str, Any]:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]} | more
    return body | ({"stream_options": {"include_usage": True}} if more.get("stream") else {})


def anthropic_body(prompt: str = "Why do trains run late?", **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": prompt}]
    return {"model": "claude-haiku-4-5", "max_tokens": 400, "messages": messages} | more


async def ask_openai(base_url: str, prompt: str = "Why do trains run late?", **more: Any) -> Exchange:
    return await exchange(base_url, OPENAI_PATH, openai_body(prompt, **more), headers=KEY)


async def ask_anthropic(base_url: str, prompt: str = "Why do trains run late?", **more: Any) -> Exchange:
    return await exchange(base_url, ANTHROPIC_PATH, anthropic_body(prompt, **more), headers=KEY | VERSION)


@asynccontextmanager
async def simulated(faults: str = "", **settings: Any) -> AsyncIterator[tuple[Simulator, str]]:
    """A running simulator and its base address."""
    simulator = app(Config(faults=parse_faults(faults), **settings))
    async with serve(simulator) as base_url:
        yield simulator, base_url


async def invoice(base_url: str, query: str = "") -> Any:
    return (await exchange(base_url, "/invoice" + query, method="GET")).json()


async def calls(base_url: str, count: int) -> Any:
    """The invoice's calls, once there are so many: one that was cut is on it when that has been noticed."""
    async with asyncio.timeout(10):
        while len((report := await invoice(base_url))["calls"]) < count:
            continue
    return report["calls"]
