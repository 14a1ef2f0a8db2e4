"""Conversations: which model each is with, and what each model's provider holds of it in its prompt cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from typing import TypeVar

import msgspec

from pointsman.chat import Usage

K = TypeVar("K")
V = TypeVar("V")

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
    own_choice: str
    """Who would have answered the last turn, had there been none before."""
    followed: Mapping[tuple[str, str], int]
    """How often a turn whose own choice was one model was followed by one whose own choice was another."""

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
    followed = {} if before is None else dict(before.followed)
    if before is not None:
        step = before.own_choice, turn.own_choice
        followed[step] = followed.get(step, 0) + 1
    return Conversation(
        turn.model,
        1 if before is None else before.turns + 1,
        usage.prompt / max(turn.size, 1),
        written > 0,
        held,
        turn.own_choice,
        followed,
    )


class Opening(msgspec.Struct, frozen=True, gc=False):
    """What a conversation is known by in all of its turns."""

    digest: bytes
    """Of whose it is, its system prompt and the first words of the user."""
    system: bytes
    """Digest of its tools and system prompt, with which its prompts begin."""
    system_size: int
    """Of both, in characters."""


class Conversations:
    """The last ones, in memory: after a restart each chooses anew."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._known: OrderedDict[bytes, Conversation] = OrderedDict()
        self._systems: OrderedDict[tuple[bytes, str], Held] = OrderedDict()
        """System prompts in the caches of models: conversations share them."""
        self._wanted: OrderedDict[tuple[bytes, str], tuple[bytes, Held]] = OrderedDict()
        """The same, as if each turn had been answered by its own choice, and by whose last turn."""

    def __len__(self) -> int:
        return len(self._known)

    def find(self, digest: bytes) -> Conversation | None:
        return self._known.get(digest)

    def answered(self, opening: Opening, turn: Turn) -> int:
        """It had one more turn; how many it has had by now."""
        known, digest = self._known, opening.digest
        conversation = after(known.get(digest), turn)
        _put(known, digest, conversation, self._remembered)
        held = conversation.held.get(turn.model)
        if held is not None and opening.system_size:
            tokens = min(held.tokens, round(opening.system_size * conversation.tokens_per_byte))
            system = Held(tokens, held.until_us)
            _put(self._systems, (opening.system, turn.model), system, self._remembered)
            _put(self._wanted, (opening.system, turn.own_choice), (digest, system), self._remembered)
        return conversation.turns

    def cached(self, opening: Opening, conversation: Conversation, model: str, at_us: int) -> int:
        """Tokens of the conversation that the model's provider has in its cache: of its turns, or of its
        system prompt alone.

        That counts, too, if it is not there only since another conversation stayed with its model: whoever
        brings it there does so for all that come after, and if each left it to the next nobody ever would.
        """
        key = opening.system, model
        systems = [self._systems.get(key)]
        wanted = self._wanted.get(key)
        if wanted is not None and wanted[0] != opening.digest:
            systems.append(wanted[1])
        shared = (system.tokens for system in systems if system is not None and at_us < system.until_us)
        return max(conversation.cached(model, at_us), *shared, 0)


def _put(known: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > most:
        known.popitem(last=False)


def opening_of(key: str, route: str, opening: tuple[str, str], tools: bytes = b"") -> Opening:
    """
    Args:
        opening: system prompt and first words, of ``opening.read_opening``.
        tools: of ``opening.read_tools``; a conversation stays the same one where they change.
    """
    system, first = (_hash(text) for text in opening)
    whose = blake2b(f"{key}\0{route}\0".encode() + system + first, digest_size=16)
    if tools:
        telling = tools[:_TELLING] + len(tools).to_bytes(8, "big")
        system = blake2b(telling + system, digest_size=16).digest()
    return Opening(whose.digest(), system, len(tools) + len(opening[0]))


def _hash(text: str) -> bytes:
    """Of a long text only its beginning and its length."""
    head = text[:_TELLING].encode("utf-8", "surrogatepass")
    return blake2b(head + len(text).to_bytes(8, "big"), digest_size=16).digest()
