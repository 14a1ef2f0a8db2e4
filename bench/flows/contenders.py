"""Who sends, and how each is set up. What a contender needs is imported only for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from bench.flows.traffic import KEYS, MODEL, PATIENCE, Plan, Request

SDK, LOOP, LITELLM = "openai SDK", "backoff loop", "LiteLLM Router"
KNOWN, UNKNOWN = "Pointsman", "Pointsman, limits unknown"
CONTENDERS = (KNOWN, UNKNOWN, SDK, LOOP, LITELLM)

HOW = {
    KNOWN: "its limits configured; openai SDK as it is in front of it",
    UNKNOWN: "no limits configured: it learns them from headers and refusals",
    SDK: "openai.AsyncOpenAI as it is: two retries, by Retry-After",
    LOOP: "the same SDK in the loop of OpenAI's cookbook: 6 tries, random exponential 1 to 60 s",
    LITELLM: "litellm.Router with rpm and tpm, num_retries=6 by Retry-After, simple-shuffle",
}
Send = Callable[[Request], Awaitable[int]]
Close = Callable[[], Awaitable[None]]


def sender(contender: str, door: str, keys: list[str], plan: Plan, max_wait: float) -> tuple[Send, Close]:
    """How a contender sends one request, and how it is left.

    Args:
        door: base URL with ``/v1``.
        keys: the API key of each tenant, in the order of ``KEYS``.
        max_wait: seconds within which a request must have begun; only Pointsman can be told so.
    """
    if contender.startswith(LITELLM):
        return _litellm(door, plan, contender.removeprefix(LITELLM).strip())
    return _sdk(contender, door, keys, max_wait)


def _sdk(contender: str, door: str, keys: list[str], max_wait: float) -> tuple[Send, Close]:
    from pointsman.demo.burst.burst import Ask
    from pointsman.demo.burst.callers import LoopCaller, SdkCaller

    headers = {}
    if contender in (KNOWN, UNKNOWN):
        headers["x-pointsman-max-wait"] = str(max_wait)
    dice = random.Random(1)

    def caller(key: str) -> SdkCaller | LoopCaller:
        if contender == LOOP:
            return LoopCaller(door, key, MODEL, sleep=asyncio.sleep, random=dice.random)
        return SdkCaller(door, key, MODEL, headers=headers)

    callers = {name: caller(key) for name, key in zip(KEYS, keys, strict=True)}

    async def send(request: Request) -> int:
        ask = Ask(request.at, request.prompt, request.stream, request.max_tokens)
        return await callers[request.key].ask(ask)

    async def close() -> None:
        for each in callers.values():
            await each.close()

    return send, close


def _litellm(door: str, plan: Plan, shape: str) -> tuple[Send, Close]:
    """LiteLLM's Router, which one process has for all tenants.

    Args:
        shape: "" is the one that is compared; the others were tried, and did worse. "enforce" refuses by
            itself what goes over the limits in a minute of the clock; "queue" asks its scheduler first.
    """
    import litellm  # type: ignore[import-not-found] # in an environment of its own

    litellm.suppress_debug_info = True
    parameters = {"model": f"openai/{MODEL}", "api_base": door, "api_key": "any"}
    router = litellm.Router(
        model_list=[
            {"model_name": MODEL, "litellm_params": {**parameters, "rpm": plan.rpm, "tpm": plan.tpm}}
        ],
        routing_strategy="simple-shuffle",
        num_retries=6,
        timeout=PATIENCE,
        optional_pre_call_checks=["enforce_model_rate_limits"] if shape == "enforce" else None,
        enable_pre_call_checks=shape == "enforce",
    )
    more = {"priority": 0} if shape == "queue" else {}

    async def send(request: Request) -> int:
        messages = [{"role": "user", "content": request.prompt}]
        wanted = {"model": MODEL, "messages": messages, "max_completion_tokens": request.max_tokens, **more}
        if not request.stream:
            whole = await router.acompletion(**wanted)
            return int(whole.usage.total_tokens)
        tokens = 0
        answer = await router.acompletion(**wanted, stream=True, stream_options={"include_usage": True})
        async for chunk in answer:
            usage = getattr(chunk, "usage", None)
            if usage is not None:
                tokens = int(usage.total_tokens)
        return tokens

    async def close() -> None:
        return None

    return send, close
