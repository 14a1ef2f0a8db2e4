"""Caches that keep each prompt unasked and bill for it, as OpenAI's newer models do: what comes once need not
be kept, and pays no premium then. Pure: told what time it is.

What is usual there is right for conversations, and is left as it is for all that may become one. Only where a
tenant's first requests are seldom gone on with, by what was counted, nothing but their instructions is kept,
and those only if they pay.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.chat import Usage
from pointsman.dialects.marking import end_of
from pointsman.dialects.openai_chat.marks import first_message, has_own, kept_explicitly, read_turns

from .memory import Kept, Memory, Shared, Space
from .odds import GUESS_WEIGHT, OWN_WEIGHT, Kind, Odds
from .uses import Use

LIFE = 1800.0
"""Seconds."""
_MARGIN = 5.0
_LEAST = 1024
"""Tokens that are kept at least."""
_UNKNOWN = Odds(0.5, 0.5)
"""Of a first request to be gone on with, before anything was counted: then what is usual stays."""


class Rates(msgspec.Struct, frozen=True, gc=False):
    """10⁻¹² USD per token."""

    fresh: int
    read: int
    write: int


class Once:
    """A first request of which only the instructions are kept, or nothing. ``settle`` it when it is over."""

    __slots__ = ("first", "level", "sent")

    def __init__(self, level: Shared | None, first: tuple[int, int] | None, sent: float) -> None:
        self.level = level
        self.first = first
        """Where the message stands that ends what is kept."""
        self.sent = sent

    def apply(self, body: bytes, fields: Mapping[str, msgspec.Raw]) -> tuple[bytes, int]:
        """The request that says so, and how many marks it bears."""
        return kept_explicitly(body, fields, self.first)

    def settle(self, usage: Usage | None) -> None:
        """``usage``: as the provider reported it; None if it did not."""
        cached = 0 if usage is None else usage.cache_read + usage.cache_write
        if self.level is not None and self.first is not None and cached:
            self.level.tokens = cached
            self.level.kept = Kept(cached, self.sent + LIFE, "1h")


def place(
    memory: Memory,
    fields: Mapping[str, msgspec.Raw],
    rates: Rates,
    now: float,
    *,
    deployment: str,
    partition: str,
) -> Once | str:
    """What is to be kept of a request. Looking counts as a use.

    Returns:
        Why it is left as it is: "own", "usual" or "unreadable".
    """
    memory.sweep(now)
    space = memory.space(deployment, partition)
    messages, tools = memoryview(fields["messages"]), fields.get("tools")
    given = b"" if tools is None else bytes(tools)
    beginning = hash((space.number, "billed", given))
    before = memory.find(beginning, messages)
    if before is not None:
        if before.use is not None:
            before.use.follow(now)
        memory.keep(beginning, messages, end_of(messages), 0, 0, before)
        return "usual"
    whole = bytes(messages)
    if has_own(fields, whole):
        return "own"
    turns = read_turns(whole)
    if not turns:
        return "unreadable"
    conversation = memory.keep(beginning, messages, end_of(messages), 0, 0, None)
    if any(turn.role in ("assistant", "tool") for turn in turns):
        return "usual"
    kind: Kind = "task" if given and "tool_choice" not in fields else "opening"
    odds = space.counts.odds(kind, _UNKNOWN, GUESS_WEIGHT, GUESS_WEIGHT)
    conversation.use = use = Use(now, (*space.counts.of(kind), *memory.usual.of(kind)))
    memory.watch(use)
    level = first = None
    if turns[0].instructs:
        first = first_message(messages, turns[0].size)
        level = _level(memory, hash((beginning, whole[: first[1]])), len(given) + first[1])
        shared = level.tally.odds(space.odds("shared"), OWN_WEIGHT)
        _follow(memory, space, level, now)
        if not _worth_keeping(space, level, shared, rates, now):
            first = None
    if kind == "task" or _pays(odds, rates):
        return "usual"
    return Once(level, first, now)


def _level(memory: Memory, key: int, size: int) -> Shared:
    found = memory.shared(key)
    if found is None:
        found = Shared(size, False)
        memory.keep_shared(key, found)
    return found


def _follow(memory: Memory, space: Space, level: Shared, now: float) -> None:
    if level.use is not None:
        level.use.follow(now)
    level.use = use = Use(now, (level.tally, *space.counts.of("shared"), *memory.usual.of("shared")))
    memory.watch(use)


def _worth_keeping(space: Space, level: Shared, odds: Odds, rates: Rates, now: float) -> bool:
    if level.kept is not None and level.kept.until - _MARGIN > now:
        return True
    tokens = level.size / space.ratio if level.tokens is None else level.tokens
    return tokens >= _LEAST and _pays(odds, rates)


def _pays(odds: Odds, rates: Rates) -> bool:
    """To write now what is read, or else written, at the next use. Of those that come within the hour but not
    within 5 minutes, half are taken to come within the 30."""
    within = (odds.soon + odds.later) / 2
    return within * (rates.write - rates.read) > rates.write - rates.fresh
