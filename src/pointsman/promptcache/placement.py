"""Breakpoints for one call: what they stand for, and what came of them. Pure: told what time it is."""

from __future__ import annotations

from pointsman.chat import Usage
from pointsman.costs import PicoUsd

from .memory import Kept, Shared
from .sight import Sight
from .uses import Use
from .worth import Life

LIVES: dict[Life, float] = {"": 0.0, "5m": 300.0, "1h": 3600.0}
"""Seconds."""


class Placement:
    """Breakpoints for one call, and what they stand for. ``settle`` it when the call is over."""

    __slots__ = (
        "alive", "anchor", "level", "premium", "sent", "shared", "sight", "staked", "system", "tail", "tools",
    )  # fmt: skip

    def __init__(self, sight: Sight, sent: float) -> None:
        self.sight = sight
        self.sent = sent
        self.tools: Life = ""
        self.system: Life = ""
        self.anchor: Life = ""
        """At the entry that the last request of the conversation left."""
        self.tail: Life = ""
        """At the end."""
        self.alive: Kept | None = None
        """The longest entry that it counts on."""
        self.level: Shared | None = None
        self.shared: Life = ""
        """What is written of the shared part, and for how long."""
        self.premium: PicoUsd = 0
        self.staked: Use | None = None
        """What has to be followed before it is known that this was worth writing."""

    @property
    def count(self) -> int:
        """Of breakpoints."""
        return bool(self.tools) + bool(self.system) + bool(self.anchor) + bool(self.tail)

    def named(self) -> list[tuple[Shared, str]]:
        """What it shares with others, and the attribute for a breakpoint at its end."""
        prompt = self.sight.prompt
        names = ["tools"] if prompt.tools else []
        names += ["system"] if prompt.system else []
        return list(zip(self.sight.levels, names, strict=True))

    def describe(self) -> str:
        """For people: "tools=1h, system=1h, messages=5m"."""
        named = (
            ("tools", self.tools),
            ("system", self.system),
            ("earlier", self.anchor),
            ("messages", self.tail),
        )
        return ", ".join(f"{name}={life}" for name, life in named if life)


def settle(placement: Placement, usage: Usage | None, earned: PicoUsd | None) -> None:
    """The call is over.

    Args:
        usage: as the provider reported it; None if it did not, or not all of it.
        earned: what the cache earned on it; None where that is not known.
    """
    sight = placement.sight
    sight.space.purse.settle(placement.premium, -placement.premium if earned is None else earned)
    if placement.shared and placement.level is not None:
        placement.level.writing -= 1
    sight.learn(usage)
    if usage is None:
        return
    alive, read, cached = placement.alive, usage.cache_read, usage.cache_read + usage.cache_write
    if not usage.cache_write and placement.staked is not None:
        placement.staked.pledge(0)
    if alive is not None:
        found = read * 2 >= alive.tokens
        sight.space.trust.see(found, placement.sent)
        alive.until = max(alive.until, placement.sent + LIVES[alive.life]) if found else 0.0
    if placement.tail and cached:
        now = sight.conversation
        until = placement.sent + LIVES[placement.tail]
        now.kept = Kept(cached, until, placement.tail, now.start, now.length, now.blocks)
    if (placement.tools or placement.system) and cached:
        _learn_of_shared(placement, read, cached)


def _learn_of_shared(placement: Placement, read: int, cached: int) -> None:
    sight, alive = placement.sight, placement.alive
    if placement.shared and not placement.tail and placement.level is not None:
        placement.level.tokens = cached
    for level, name in placement.named():
        life: Life = getattr(placement, name)
        if level.kept is alive is not None and alive.until:
            level.tokens = alive.tokens = read
        elif life and read < (tokens := sight.shared_tokens(level)):
            level.kept = Kept(tokens, placement.sent + LIVES[life], life)
