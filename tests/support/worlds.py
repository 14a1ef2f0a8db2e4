"""Small worlds, each drawn from its seed: providers that fail, limits, clients that leave, kills, clocks that
jump. The same seed draws the same world."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from pointsman.config import Settings
from pointsman.keys import KeyLimits
from pointsman.simulator import Config
from pointsman.simulator.faults import parse_faults
from tests.support.stack import settings

MODELS = ("claude-haiku-4-5", "gpt-4.1", "deepseek-flash", "claude-sonnet-5-5", "gemini-3.8-flash")
SERVERS = {"claude": "anthropic", "gpt": "openai", "deepseek": "deepseek", "gemini": "gemini"}
PATHS = {"anthropic": "/anthropic", "openai": "/openai", "deepseek": "/deepseek", "gemini": "/gemini"}
TOOL = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}
_TOPICS = ("rivers", "queues", "bread", "the weather in Oslo", "railway points")
_ABROAD = (("Fluß und Straße",), ("天気",))

Ending = Literal["stays", "leaves", "cancelled"]


class Visit(msgspec.Struct, frozen=True):
    """One request, and how its client behaves. Times in seconds from the start."""

    at: float
    key: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    ending: Ending = "stays"
    after: float = 0.0
    """Seconds from its start until it leaves or is cancelled."""
    slow: float = 0.0
    """Seconds that it takes for each piece of an answer."""

    @property
    def max_output(self) -> int:
        return int(self.body["max_tokens"])


class World(msgspec.Struct, frozen=True):
    seed: int
    simulator: Config
    given: Settings
    keys: dict[str, KeyLimits]
    visits: tuple[Visit, ...]
    delay: tuple[float, float]
    kills: tuple[float, ...] = ()
    jumps: tuple[tuple[float, float], ...] = ()
    """When the wall clock is set, and by how much."""
    outages: tuple[tuple[float, float, str], ...] = ()
    """From when to when the connections of a provider are refused."""
    full: tuple[tuple[float, float], ...] = ()
    """From when to when nothing more can be written."""
    hedges: bool = False


def draw(seed: int) -> World:
    return _Draw(seed).world()


class _Draw:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice = random.Random(f"world {seed}")
        self._models = self._dice.sample(MODELS, self._dice.randint(1, 3))
        self._span = self._dice.choice((5.0, 20.0, 60.0))
        self._topics = self._dice.choice((_TOPICS, _TOPICS, _TOPICS, *_ABROAD))

    def world(self) -> World:
        dice, span = self._dice, self._span
        limits = self._limits()
        tables, hedges = self._tables(limits)
        keys = self._keys()
        return World(
            self._seed,
            self._simulator(limits),
            settings(**tables),
            keys,
            tuple(self._visit(number, list(keys)) for number in range(dice.randint(8, 40))),
            dice.choice(((0.0, 0.0), (0.001, 0.02), (0.01, 0.2))),
            kills=tuple(sorted(dice.uniform(0, span) for _ in range(self._few(0.4, 2)))),
            jumps=tuple(
                (dice.uniform(0, span), dice.uniform(-1_200, 1_200)) for _ in range(self._few(0.4, 3))
            ),
            outages=self._spans(0.25, lambda: (PATHS[self._server(dice.choice(self._models))],)),
            full=self._spans(0.1, tuple),
            hedges=hedges,
        )

    def _few(self, probability: float, most: int) -> int:
        return self._dice.randint(1, most) if self._dice.random() < probability else 0

    def _spans(self, probability: float, more: Callable[[], tuple[Any, ...]]) -> Any:
        found = []
        for _ in range(self._few(probability, 2)):
            begin = self._dice.uniform(0, self._span)
            found.append((begin, begin + self._dice.uniform(0, self._span / 3), *more()))
        return tuple(found)

    def _server(self, model: str) -> str:
        return SERVERS[model.partition("-")[0]]

    def _limits(self) -> dict[str, int]:
        """The providers'."""
        dice, limits = self._dice, dict[str, int]()
        if dice.random() < 0.6:
            kinds = ("rpm", "tpm", "input_tpm", "output_tpm", "concurrency")
            for kind in dice.sample(kinds, dice.choice((1, 1, 2))):
                least, most = {"rpm": (5, 120), "concurrency": (1, 6)}.get(kind, (400, 8_000))
                limits[kind] = dice.randint(least, most)
        return limits

    def _simulator(self, limits: dict[str, int]) -> Config:
        dice = self._dice
        faults = []
        for kind in dice.sample(
            ("429", "500", "529", "503", "slow", "stall", "reset", "malformed"), dice.randint(0, 4)
        ):
            scope = dice.choice(("", "", f"{self._server(self._models[0])}/"))
            rule = f"{scope}{kind}:{dice.choice((0.05, 0.1, 0.2))}"
            if kind in ("stall", "reset", "malformed") and dice.random() < 0.5:
                rule += f":after={dice.choice((0, 0, 1, 2, 7))}"
            if kind == "stall" and dice.random() < 0.7:
                rule += f":seconds={dice.choice((0.1, 1, 5))}"
            if kind == "429":
                rule += f":retry_after={dice.choice((0.1, 1, 5, 40))}"
            faults.append(rule)
        given: dict[str, Any] = dict(limits)
        if dice.random() < 0.15:
            given["account_rpm"] = dice.randint(10, 100)
        return Config(
            seed=self._seed,
            faults=parse_faults(",".join(faults)),
            window=dice.choice(("bucket", "rolling")),
            limit_headers=dice.choice(("on", "on", "off", "no-limits")),
            retry_after=dice.random() < 0.8,
            pace=dice.choice(("real", "real", "none")),
            speed=dice.choice((1.0, 1.0, 4.0)),
            **given,
        )

    def _tables(self, limits: dict[str, int]) -> tuple[dict[str, Any], bool]:
        dice = self._dice
        tables: dict[str, Any] = {
            "retries": {
                "attempts": dice.randint(1, 5),
                "base_delay": dice.choice((0.001, 0.1, 0.5)),
                "max_delay": dice.choice((0.01, 2.0, 8.0)),
                "max_retry_after": dice.choice((1.0, 30.0)),
                "budget": dice.choice((0.2, 1.0)),
            },
            "timeouts": {
                "first_byte": dice.choice((2.0, 10.0, 60.0)),
                "idle": dice.choice((2.0, 10.0, 60.0)),
                "total": dice.choice((5.0, 20.0, 60.0)),
            },
            "breaker": {"min_calls": dice.choice((3, 20)), "open": dice.choice((0.5, 5.0))},
            "queue": {
                "max_wait": dice.choice((0.0, 1.0, 10.0, 30.0)),
                "max_waiting": dice.choice((2, 10, 1_000)),
                "comments_after": dice.choice((0.0, 0.2, 1.0)),
            },
        }
        first, *others = self._models
        route: dict[str, Any] = {"models": [first], "fallbacks": others}
        if others and dice.random() < 0.5:
            route = {
                "models": [first, others[0]],
                "fallbacks": others[1:],
                "balance": dice.choice(("weighted", "least_busy", "prefix")),
            }
        hedges = dice.random() < 0.3
        route |= {"hedge": hedges, "continue_streams": dice.random() < 0.3}
        tables["routes"] = {"chat": route | {"on_refusal": dice.choice(("stay", "next"))}}
        if limits and dice.random() < 0.6:  # we know of them, or of some of it
            tables["providers"] = {
                server: {"limits": dict(limits)} for server in {*map(self._server, self._models)}
            }
        if dice.random() < 0.2:
            tables["limits"] = {first: {dice.choice(("rpm", "concurrency")): dice.randint(1, 30)}}
        return tables, hedges

    def _keys(self) -> dict[str, KeyLimits]:
        dice = self._dice
        return {
            f"key-{number}": KeyLimits(
                rpm=dice.choice((None, None, 10, 60)),
                tpm=dice.choice((None, None, None, 3_000)),
                concurrency=dice.choice((None, None, None, 2)),
                weight=dice.choice((1.0, 1.0, 3.0)),
                priority=dice.choice((0, 0, 5)),
                max_wait=dice.choice((None, None, 2.0)),
            )
            for number in range(dice.randint(1, 3))
        }

    def _visit(self, number: int, keys: list[str]) -> Visit:
        dice = self._dice
        anthropic = dice.random() < 0.5
        prompt = f"{number}: tell me about {dice.choice(self._topics)}, " + "please " * dice.randrange(60)
        body: dict[str, Any] = {
            "model": "chat" if dice.random() < 0.7 else dice.choice(self._models),
            "max_tokens": dice.choice((1, 20, 60, 200)),
            "stream": dice.random() < 0.6,
            "messages": [{"role": "user", "content": prompt}],
        }
        if dice.random() < 0.15:
            body |= tools(anthropic)
        headers = {"x-api-key": dice.choice(keys)}
        if anthropic:
            headers["anthropic-version"] = "2023-06-01"
        if dice.random() < 0.3:
            headers["x-pointsman-max-wait"] = dice.choice(("0", "0.5", "5", "100"))
        ending: Ending = dice.choice(("stays", "stays", "stays", "stays", "leaves", "cancelled"))
        return Visit(
            dice.uniform(0, self._span),
            headers["x-api-key"],
            "/v1/messages" if anthropic else "/v1/chat/completions",
            body,
            headers,
            ending,
            dice.choice((0.0, 0.05, 0.5, 2.0, 10.0)) * dice.random(),
            slow=dice.choice((0.0, 0.0, 0.0, 0.01, 0.2)),
        )


def tools(anthropic: bool) -> dict[str, Any]:
    about = {"name": "get_weather", "description": "The weather in a city."}
    if anthropic:
        return {"tools": [about | {"input_schema": TOOL}]}
    return {"tools": [{"type": "function", "function": about | {"parameters": TOOL}}]}
