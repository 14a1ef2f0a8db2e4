"""Conversations: which model each is with, and what each model's provider holds of it in its prompt cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from pointsman.chat import Usage

REMEMBERED = 10_000
"""Conversations, at some 600 bytes each; those that were quiet the longest are forgotten first."""
SHORT_US = 300 * 1_000_000
"""For how long providers keep a prompt's beginning after its last use, at least: five minutes (Anthropic's
default, and the lower end of what OpenAI says)."""
LONG_US = 3_600 * 1_000_000
"""Where the caller asked for an hour."""

_TELLING = 8192
"""Characters by which texts are told apart."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """A prompt's beginning in a provider's cache."""

    tokens: int
    """As the usage of the last answer says: read from it or written to it."""
    until_us: int
    """Unix time at which it may be gone."""


class Conversation(msgspec.Struct, frozen=True):
    model: str
    """That answered last."""
    turns: int
    """That were answered."""
    tokens_per_byte: float
    """Of the last request: how much its body was in tokens of the prompt."""
    writes: bool
    """Its callers ask for parts to be cached, and pay for writing them."""
    held: Mapping[str, Held]
    """By model. Where a provider told of nothing in a cache there is none, and so nothing to lose."""
    chosen: Mapping[str, int]
    """Turns by the model that was their own choice, whoever answered them."""

    def cached(self, model: str, at_us: int) -> int:
        """Tokens that the model's provider still has."""
        held = self.held.get(model)
        return 0 if held is None or at_us >= held.until_us else held.tokens


class Turn(msgspec.Struct, frozen=True):
    """A request that was answered."""

    model: str
    """Who answered."""
    own_choice: str
    """Who would have, had there been no conversation before."""
    size: int
    """Of its body, in bytes."""
    usage: Usage
    at_us: int


def after(before: Conversation | None, turn: Turn) -> Conversation:
    """The conversation with one more turn."""
    usage = turn.usage
    written, long = usage.cache_write, usage.cache_write_1h or usage.cache_write_12h or usage.cache_write_30m
    tokens, until_us = usage.cache_read + written, turn.at_us + (LONG_US if long else SHORT_US)
    held = {} if before is None else dict(before.held)
    held.pop(turn.model, None)
    if tokens:
        held[turn.model] = Held(tokens, until_us)
    chosen = {} if before is None else dict(before.chosen)
    chosen[turn.own_choice] = chosen.get(turn.own_choice, 0) + 1
    return Conversation(
        turn.model,
        1 if before is None else before.turns + 1,
        usage.prompt / max(turn.size, 1),
        written > 0,
        held,
        chosen,
    )


class Opening(msgspec.Struct, frozen=True, gc=False):
    """What a conversation is known by in all of its turns."""

    digest: bytes
    """Of whose it is, its system prompt and the first words of the user."""
    system: bytes
    """Digest of its system prompt."""
    system_size: int
    """In characters."""


class Conversations:
    """The last ones, in memory: after a restart each chooses anew."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._known: OrderedDict[bytes, Conversation] = OrderedDict()
        self._systems: OrderedDict[tuple[bytes, str], Held] = OrderedDict()
        """System prompts in the caches of models: conversations share them."""

    def __len__(self) -> int:
        return len(self._known)

    def find(self, digest: bytes) -> Conversation | None:
        return self._known.get(digest)

    def answered(self, opening: Opening, turn: Turn) -> int:
        """It had one more turn; how many it has had by now."""
        known, digest = self._known, opening.digest
        known[digest] = conversation = after(known.get(digest), turn)
        known.move_to_end(digest)
        if len(known) > self._remembered:
            known.popitem(last=False)
        held = conversation.held.get(turn.model)
        if held is not None and opening.system_size:
            tokens = min(held.tokens, round(opening.system_size * conversation.tokens_per_byte))
            self._systems[opening.system, turn.model] = Held(tokens, held.until_us)
            self._systems.move_to_end((opening.system, turn.model))
            if len(self._systems) > self._remembered:
                self._systems.popitem(last=False)
        return conversation.turns

    def cached(self, opening: Opening, conversation: Conversation, model: str, at_us: int) -> int:
        """Tokens of the conversation that the model's provider has in its cache: of its turns, or of its
        system prompt alone."""
        system = self._systems.get((opening.system, model))
        shared = 0 if system is None or at_us >= system.until_us else system.tokens
        return max(conversation.cached(model, at_us), shared)


def opening_of(key: str, route: str, opening: tuple[str, str]) -> Opening:
    """
    Args:
        opening: system prompt and first words, of ``opening.read_opening``.
    """
    system, first = (_hash(text) for text in opening)
    whose = blake2b(f"{key}\0{route}\0".encode() + system + first, digest_size=16)
    return Opening(whose.digest(), system, len(opening[0]))


def _hash(text: str) -> bytes:
    """Of a long text only its beginning and its length."""
    head = text[:_TELLING].encode("utf-8", "surrogatepass")
    return blake2b(head + len(text).to_bytes(8, "big"), digest_size=16).digest()
