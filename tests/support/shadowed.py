"""A route with shadows over simulated providers, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from pointsman.config import Settings
from pointsman.routing.labels.kept import Labelled
from pointsman.routing.labels.memory import MemoryLabels
from pointsman.simulator import Config
from pointsman.simulator.replay import Recorded, Replay
from tests.support.asgi import AsgiCall
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
MINI, HAIKU, OPUS = "gpt-4o-mini", "claude-haiku-4-5", "claude-opus-4-8"


def route(shadow: Mapping[str, Any] | None = None, **auto: Any) -> Settings:
    """A route "default" of two models, whose requests are all shadowed and graded by their last number."""
    usual: dict[str, Any] = {
        "policy": "fixed",
        "pool": [HAIKU, OPUS],
        "shadow": {"share": 1.0, "daily_usd": 100} | dict(shadow or {}),
        "grader": {"kind": "number"},
    }
    return settings(auto={"default": usual | auto})


def answers(**by_prompt: Mapping[str, str]) -> Replay:
    """What models answer, by the prompt and then by the model."""
    return Replay(
        {
            prompt: {model: Recorded(text) for model, text in given.items()}
            for prompt, given in by_prompt.items()
        }
    )


class ShadowedStack(msgspec.Struct):
    stack: VirtualStack
    labels: MemoryLabels

    async def ask(self, prompt: str, path: str = CHAT, **fields: Any) -> AsgiCall:
        body = {"model": "auto", "max_tokens": 100, "messages": [{"role": "user", "content": prompt}]}
        return await self.stack.post(path, body | fields)

    async def settled(self) -> list[Labelled]:
        """All labels, once no shadow is under way."""
        await self.stack.gateway.labelling.shadows.drain()
        return list(self.labels.labelled("default"))

    @property
    def skipped(self) -> dict[str, int]:
        return {reason: n for (_, reason), n in self.stack.gateway.labelling.metrics.skipped.items()}

    @property
    def spent(self) -> int:
        today = self.stack.clock.today().isoformat()
        return self.labels.spent(today, "default")


@asynccontextmanager
async def shadowed_stack(
    given: Settings, simulator: Config | None = None, *, replay: Replay | None = None, **more: Any
) -> AsyncIterator[ShadowedStack]:
    labels = MemoryLabels()
    config = msgspec.structs.replace(simulator or Config(), replay=replay)
    async with virtual_stack(config, given=given, labels=labels, **more) as stack:
        yield ShadowedStack(stack, labels)
