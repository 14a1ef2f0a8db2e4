"""Small worlds in which many ask the same at the same time, each drawn from its seed. They are played and
judged like those of ``worlds.py``; every fourth is calm: nothing fails in it, and nobody leaves."""

from __future__ import annotations

import random
from typing import Any

from pointsman.keys import KeyLimits
from pointsman.simulator import Config
from pointsman.simulator.faults import parse_faults
from tests.support.stack import settings
from tests.support.worlds import MODELS, Ending, Visit, World, tools

CALM = 4
"""One in so many."""


def draw_crowd(seed: int) -> World:
    return _Draw(seed).world()


def is_calm(world: World) -> bool:
    return world.seed % CALM == 0


class _Draw:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice = random.Random(f"crowd {seed}")
        self._calm = seed % CALM == 0
        self._models = self._dice.sample(MODELS, 1 if self._calm else self._dice.randint(1, 3))

    def world(self) -> World:
        dice = self._dice
        keys = self._keys()
        visits: list[Visit] = []
        for number in range(1 if self._calm else dice.randint(1, 3)):
            visits += self._crowd(number, list(keys))
        return World(
            self._seed,
            self._simulator(),
            settings(**self._tables()),
            keys,
            tuple(visits),
            (0.2, 0.3) if self._calm else dice.choice(((0.0, 0.0), (0.001, 0.02), (0.01, 0.2))),
            kills=() if self._calm or dice.random() > 0.1 else (dice.uniform(0.0, 3.0),),
        )

    def _simulator(self) -> Config:
        dice = self._dice
        if self._calm:
            return Config(seed=self._seed, pace="real")
        faults = []
        for kind in dice.sample(("429", "500", "529", "stall", "reset", "malformed"), dice.randint(0, 3)):
            rule = f"{kind}:{dice.choice((0.1, 0.2, 0.33))}"
            if kind in ("stall", "reset", "malformed"):
                rule += f":after={dice.choice((0, 1, 2, 7, 20))}"
            if kind == "stall":
                rule += f":seconds={dice.choice((0.1, 5))}"
            if kind == "429":
                rule += f":retry_after={dice.choice((0.1, 1, 40))}"
            faults.append(rule)
        given: dict[str, Any] = {}
        if dice.random() < 0.3:
            given["concurrency"] = dice.randint(1, 3)
        return Config(
            seed=self._seed,
            faults=parse_faults(",".join(faults)),
            pace=dice.choice(("real", "real", "none")),
            speed=dice.choice((1.0, 4.0)),
            **given,
        )

    def _tables(self) -> dict[str, Any]:
        dice = self._dice
        cache = {
            "enabled": True,
            "sampled": True,
            "charge": dice.choice(("first", "split")),
            "ttl": dice.choice((0.01, 0.5, 60.0)),
            "max_bytes": dice.choice((1 << 20, 256 << 20)),
        }
        first, *others = self._models
        route = {
            "models": [first],
            "fallbacks": others,
            "hedge": not self._calm and dice.random() < 0.2,
            "continue_streams": not self._calm and dice.random() < 0.2,
            "on_refusal": dice.choice(("stay", "next")),
        }
        tables: dict[str, Any] = {
            "cache": cache,
            "routes": {"chat": route},
            "retries": {
                "attempts": dice.randint(1, 4),
                "base_delay": dice.choice((0.001, 0.5)),
                "max_delay": 2.0,
                "budget": 1.0,
            },
            "timeouts": {
                "first_byte": 20.0 if self._calm else dice.choice((2.0, 20.0)),
                "idle": 20.0 if self._calm else dice.choice((2.0, 20.0)),
                "total": 30.0,
            },
            "queue": {
                "max_wait": dice.choice((0.0, 1.0, 10.0)),
                "max_waiting": dice.choice((2, 1_000)),
                "comments_after": dice.choice((0.0, 0.1, 1.0)),
            },
        }
        if not self._calm and dice.random() < 0.4:
            tables["limits"] = {first: {dice.choice(("rpm", "concurrency")): dice.randint(1, 4)}}
        return tables

    def _keys(self) -> dict[str, KeyLimits]:
        dice = self._dice
        if self._calm:
            return {"key-0": KeyLimits(), "key-1": KeyLimits()}
        return {
            f"key-{number}": KeyLimits(
                rpm=dice.choice((None, None, 1, 3)),
                concurrency=dice.choice((None, None, 1)),
                priority=dice.choice((0, 5)),
                max_wait=dice.choice((None, None, 0.0, 0.5)),
            )
            for number in range(dice.randint(1, 3))
        }

    def _crowd(self, number: int, keys: list[str]) -> list[Visit]:
        dice = self._dice
        begin = dice.uniform(0.0, 3.0)
        spread = 0.1 if self._calm else dice.choice((0.0, 0.01, 0.5, 3.0))
        about = {
            "model": "chat" if dice.random() < 0.7 else dice.choice(self._models),
            "max_tokens": dice.choice((1, 20, 60, 60, 1_500)),
            "messages": [{"role": "user", "content": f"{number}: tell me about queues, please"}],
        }
        with_tools = dice.random() < 0.15
        deserted = not self._calm and dice.random() < 0.2
        if deserted:
            about["max_tokens"] = 1_500
        alike = dice.choice((None, None, False, True))
        """All stream, or none."""
        return [
            self._visit(
                begin + dice.uniform(0.0, spread), dice.choice(keys), about, with_tools, alike, deserted
            )
            for _ in range(50 if self._calm else dice.randint(2, 20))
        ]

    def _visit(
        self,
        at: float,
        key: str,
        about: dict[str, Any],
        with_tools: bool,
        streams: bool | None,
        leaves: bool,
    ) -> Visit:
        dice = self._dice
        anthropic = dice.random() < 0.5
        body = about | {"stream": dice.random() < 0.6 if streams is None else streams}
        if with_tools:
            body |= tools(anthropic)
        if body["stream"] and not anthropic and dice.random() < 0.5:
            body["stream_options"] = {"include_usage": True}
        headers = {"x-api-key": key}
        if anthropic:
            headers["anthropic-version"] = "2023-06-01"
        ending: Ending = "stays"
        if not self._calm:
            ending = dice.choice(("stays", "stays", "stays", "leaves", "cancelled"))
            if dice.random() < 0.15:
                headers["x-pointsman-max-wait"] = dice.choice(("0", "0.5", "5"))
            if dice.random() < 0.05:
                headers["cache-control"] = dice.choice(("no-cache", "no-store"))
        if leaves:
            ending = dice.choice(("leaves", "cancelled"))
        return Visit(
            at,
            key,
            "/v1/messages" if anthropic else "/v1/chat/completions",
            body,
            headers,
            ending,
            dice.choice((0.05, 0.5) if leaves else (0.0, 0.05, 0.5, 2.0, 10.0)) * dice.random(),
            slow=0.0 if self._calm or leaves else dice.choice((0.0, 0.0, 0.0, 0.01, 0.2)),
        )
