"""Conversations: which model each is with, and what that model's provider holds in its prompt cache."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

import msgspec

from pointsman.chat import Usage

REMEMBERED = 20_000
"""Conversations, at some 250 bytes each; those that were quiet the longest are forgotten first."""
SHORT_US = 300 * 1_000_000
"""For how long providers keep a prompt's beginning after its last use, at least: five minutes (Anthropic's
default, and the lower end of what OpenAI says)."""
LONG_US = 3_600 * 1_000_000
"""Where the caller asked for an hour."""


class Conversation(msgspec.Struct, frozen=True, gc=False):
    model: str
    turns: int
    """That were answered."""
    cached: int
    """Prompt tokens in the provider's cache after the last answer, as its usage says: read from it or
    written to it. 0 where the provider told of none, so that there is nothing to lose."""
    writes: bool
    """Its callers ask for parts to be cached, and pay for writing them."""
    until_us: int
    """Unix time at which the cache may be gone."""

    def cached_at(self, at_us: int) -> int:
        return self.cached if at_us < self.until_us else 0


def after_answer(before: Conversation | None, model: str, usage: Usage | None, at_us: int) -> Conversation:
    """The conversation after one more turn with ``model``.

    Args:
        usage: of the answer; None if it is not known.
        at_us: Unix time.
    """
    turns = 1 if before is None else before.turns + 1
    if usage is None:
        return Conversation(model, turns, 0, False, at_us)
    written = usage.cache_write
    long = usage.cache_write_1h or usage.cache_write_12h or usage.cache_write_30m
    return Conversation(
        model, turns, usage.cache_read + written, written > 0, at_us + (LONG_US if long else SHORT_US)
    )


class Conversations:
    """The last ones, in memory: after a restart each chooses anew."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._known: OrderedDict[bytes, Conversation] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, digest: bytes) -> Conversation | None:
        return self._known.get(digest)

    def answered(self, digest: bytes, model: str, usage: Usage | None, at_us: int) -> None:
        """It had one more turn."""
        known = self._known
        known[digest] = after_answer(known.get(digest), model, usage, at_us)
        known.move_to_end(digest)
        if len(known) > self._remembered:
            known.popitem(last=False)


def conversation_digest(key: str, route: str, opening: tuple[str, str]) -> bytes:
    """What a conversation is known by: whose it is, its system prompt and the first words of the user.

    Args:
        opening: of ``opening.read_opening``.
    """
    parts = "\0".join((key, route, *opening))
    return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).digest()
