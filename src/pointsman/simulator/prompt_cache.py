"""Providers' prompt caches: Anthropic's, which is asked for, and OpenAI's, which is automatic, and on newer
models billed for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from pointsman import chat
from pointsman.chat import Usage
from pointsman.errors import InvalidRequest

from .limits import Family

CountRequest = Callable[[chat.Request], int]

AUTOMATIC_LEAST = 1024
"""Shortest prefix that OpenAI caches, in tokens."""
AUTOMATIC_STEP = 128

_SECONDS_US = 1_000_000
_LIVES_US = {"5m": 300 * _SECONDS_US, "30m": 1800 * _SECONDS_US, "1h": 3600 * _SECONDS_US}
_AUTOMATIC_LIFE_US = 600 * _SECONDS_US
_MOST_ENTRIES = 20_000

MOST_MARKS = 4
LOOK_BACK = 20
"""Blocks in which an earlier entry is looked for, from each mark backwards and with its own."""


class Prefix(msgspec.Struct, frozen=True):
    """A beginning of a prompt that may be in the cache."""

    digest: bytes
    tokens: int | None = None
    """None: only looked for, not kept, so that nobody has counted it."""
    ttl: str = ""
    """How long it is kept, "" where it is not."""


class Buckets(msgspec.Struct, frozen=True):
    """Where the tokens of a prompt go; all of them together are the prompt."""

    input: int
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_write_30m: int = 0

    def usage(self, output: int, reasoning: int, tier: str) -> Usage:
        return Usage(
            input=self.input,
            output=output,
            cache_read=self.cache_read,
            cache_write_5m=self.cache_write_5m,
            cache_write_30m=self.cache_write_30m,
            cache_write_1h=self.cache_write_1h,
            reasoning=reasoning,
            tier=tier,
        )


class _Kept:
    """An entry. All times in microseconds."""

    __slots__ = ("life", "ready", "tokens", "until")

    def __init__(self, ready: int, until: int, tokens: int, life: int) -> None:
        self.ready = ready
        self.until = until
        self.tokens = tokens
        self.life = life


class PromptCache:
    """The caches of all models of one provider."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bytes], _Kept] = {}

    def use(
        self,
        family: Family,
        model: str,
        prefixes: Sequence[Prefix],
        prompt: int,
        now_us: int,
        ready_us: int = 0,
    ) -> Buckets:
        """Read the longest prefix that is there, and write those that shall be kept.

        Args:
            prefixes: of the prompt, the shortest first.
            prompt: tokens of the whole prompt.
            ready_us: when the answer begins: until then nobody finds what is written.
        """
        if not prefixes:
            return Buckets(prompt)
        read, length = self._longest(model, prefixes, now_us)
        if length:
            kept = self._kept[(model, prefixes[length - 1].digest)]
            kept.until = max(kept.until, now_us + kept.life)
        if family == "openai" and prefixes[-1].ttl != "30m":
            self._write(model, prefixes, _AUTOMATIC_LIFE_US, now_us, ready_us)
            cached = read // AUTOMATIC_STEP * AUTOMATIC_STEP
            return Buckets(prompt - cached, cached) if cached >= AUTOMATIC_LEAST else Buckets(prompt)
        written = {"5m": 0, "30m": 0, "1h": 0}
        behind = read
        for prefix in prefixes[length:]:
            if prefix.ttl and prefix.tokens is not None:
                written[prefix.ttl] += prefix.tokens - behind
                behind = prefix.tokens
        self._write(model, prefixes[length:], None, now_us, ready_us)
        return Buckets(prompt - behind, read, written["5m"], written["1h"], written["30m"])

    def cached(self, model: str, prefixes: Sequence[Prefix], now_us: int) -> int:
        """Tokens of the longest prefix that is there; nothing is read or written."""
        return self._longest(model, prefixes, now_us)[0]

    def _longest(self, model: str, prefixes: Sequence[Prefix], now_us: int) -> tuple[int, int]:
        """Its tokens, and how many of the prefixes it takes in."""
        for position in range(len(prefixes) - 1, -1, -1):
            entry = self._kept.get((model, prefixes[position].digest))
            if entry is not None and entry.ready <= now_us < entry.until:
                return entry.tokens, position + 1
        return 0, 0

    def _write(
        self, model: str, prefixes: Sequence[Prefix], life: int | None, now_us: int, ready_us: int
    ) -> None:
        for prefix in prefixes:
            if prefix.ttl and prefix.tokens is not None:
                key = (model, prefix.digest)
                lives = _LIVES_US[prefix.ttl] if life is None else life
                old = self._kept.get(key)
                ready = ready_us if old is None or old.until <= now_us else min(ready_us, old.ready)
                self._kept[key] = _Kept(ready, now_us + lives, prefix.tokens, lives)
        while len(self._kept) > _MOST_ENTRIES:
            del self._kept[next(iter(self._kept))]


def marked_prefixes(request: chat.Request, least: int, count: CountRequest) -> tuple[Prefix, ...]:
    """Anthropic: the blocks before each ``cache_control`` are looked for, as far back as ``LOOK_BACK``; those
    that bear one are kept.

    Args:
        least: shortest prefix that is kept, in tokens.

    Raises:
        InvalidRequest: too many of them, or a longer life behind a shorter one.
    """
    blocks = _blocks(request)
    marked = [number for number, (part, _) in enumerate(blocks) if getattr(part, "cache", None) is not None]
    if not marked:
        return ()
    _check_marks([blocks[number][0].cache for number in marked])
    looked_for = {back for number in marked for back in range(number - LOOK_BACK + 1, number + 1)}
    prefixes: list[Prefix] = []
    digest = b""
    for number, (part, cut) in enumerate(blocks[: marked[-1] + 1]):
        digest = _chain(digest, part)
        hint: chat.CacheHint | None = getattr(part, "cache", None)
        tokens = count(cut.of(request)) if hint is not None else None
        if hint is not None and tokens is not None and tokens >= least:
            prefixes.append(Prefix(digest, tokens, "1h" if hint.ttl == "1h" else "5m"))
        elif number in looked_for:
            prefixes.append(Prefix(digest))
    return tuple(prefixes)


def _check_marks(hints: Sequence[chat.CacheHint]) -> None:
    if len(hints) > MOST_MARKS:
        raise InvalidRequest(
            f"A maximum of {MOST_MARKS} blocks with cache_control may be provided. Found {len(hints)}."
        )
    hours = [hint.ttl == "1h" for hint in hints]
    if hours != sorted(hours, reverse=True):
        raise InvalidRequest(
            "A cache_control block with ttl='1h' must not come after one with ttl='5m'; blocks are taken in "
            "the order tools, system, messages."
        )


def automatic_prefixes(request: chat.Request, prompt: int, count: CountRequest) -> tuple[Prefix, ...]:
    """OpenAI: the instructions, all but the last turn, and the whole prompt, where they are long enough."""
    if prompt < AUTOMATIC_LEAST:
        return ()
    digest = b""
    for part in (*request.tools, *request.system):
        digest = _chain(digest, part)
    turns = request.messages
    prefixes = [Prefix(digest, count(msgspec.structs.replace(request, messages=())), "5m")]
    for number, message in enumerate(turns, 1):
        digest = _chain(digest, message)
        if number == len(turns) - 1:
            before = count(msgspec.structs.replace(request, messages=turns[:-1]))
            prefixes.append(Prefix(digest, before, "5m"))
        elif number == len(turns):
            prefixes.append(Prefix(digest, prompt, "5m"))
        else:
            prefixes.append(Prefix(digest))
    return tuple(prefixes)


def billed_prefixes(request: chat.Request, prompt: int, count: CountRequest) -> tuple[Prefix, ...]:
    """OpenAI's newer models, which bill what they keep, for 30 minutes: the end of the newest message, unless
    the mode is "explicit", and what bears a mark, the latest of them up to four in all. Found again are
    those, and the ends of up to 20 earlier messages."""
    options = request.unmapped.get("prompt_cache_options")
    explicit = isinstance(options, dict) and options.get("mode") == "explicit"
    marked: list[int] = []
    ends: list[int] = []
    blocks = _in_messages(request)
    for number, (part, last) in enumerate(blocks):
        if getattr(part, "cache", None) is not None:
            marked.append(number)
        if last:
            ends.append(number)
    kept = marked[-MOST_MARKS:] if explicit else [*marked[-MOST_MARKS + 1 :], *ends[-1:]]
    looked_for = set(kept) if explicit else {*marked, *ends[-LOOK_BACK - 1 :]}
    digest = b""
    for tool in request.tools:
        digest = _chain(digest, tool)
    prefixes: list[Prefix] = []
    for number, (part, _) in enumerate(blocks):
        digest = _chain(digest, part)
        if number in kept:
            tokens = prompt if number == len(blocks) - 1 else count(_up_to(request, number))
            if tokens >= AUTOMATIC_LEAST:
                prefixes.append(Prefix(digest, tokens, "30m"))
        elif number in looked_for:
            prefixes.append(Prefix(digest))
    return tuple(prefixes) if any(prefix.ttl for prefix in prefixes) else ()


def _in_messages(request: chat.Request) -> list[tuple[Any, bool]]:
    """Instructions and the parts of messages in their order, and whether each ends a message that may be
    kept: what the model said may not."""
    blocks: list[tuple[Any, bool]] = [(text, True) for text in request.system]
    for message in request.messages:
        for number, part in enumerate(message.parts, 1):
            blocks.append((part, number == len(message.parts) and message.role != "assistant"))
    return blocks


def _up_to(request: chat.Request, number: int) -> chat.Request:
    """With all blocks up to that one."""
    instructions = len(request.system)
    every = len(request.tools)
    if number < instructions:
        return _Cut(every, number + 1).of(request)
    left = number - instructions
    for turn, message in enumerate(request.messages):
        if left < len(message.parts):
            return _Cut(every, instructions, turn, left + 1).of(request)
        left -= len(message.parts)
    return request


def _blocks(request: chat.Request) -> list[tuple[Any, _Cut]]:
    """All blocks of a prompt in the order in which they are cached, each with where it ends."""
    blocks: list[tuple[Any, _Cut]] = []
    blocks += [(tool, _Cut(tools=number)) for number, tool in enumerate(request.tools, 1)]
    every = len(request.tools)
    blocks += [(text, _Cut(every, number)) for number, text in enumerate(request.system, 1)]
    instructions = len(request.system)
    for turn, message in enumerate(request.messages):
        blocks += [(part, _Cut(every, instructions, turn, n)) for n, part in enumerate(message.parts, 1)]
    return blocks


class _Cut(msgspec.Struct, frozen=True):
    """How much of a request stands before some point: tools, instructions, turns, parts of the next turn."""

    tools: int
    system: int = 0
    turns: int = 0
    parts: int = 0

    def of(self, request: chat.Request) -> chat.Request:
        turns = request.messages[: self.turns]
        if self.parts:
            last = request.messages[self.turns]
            turns = (*turns, msgspec.structs.replace(last, parts=last.parts[: self.parts]))
        tools, system = request.tools[: self.tools], request.system[: self.system]
        return msgspec.structs.replace(request, tools=tools, system=system, messages=turns)


def _chain(before: bytes, part: Any) -> bytes:
    """A marker itself does not count: moving it on keeps what was cached."""
    if getattr(part, "cache", None) is not None:
        part = msgspec.structs.replace(part, cache=None)
    return blake2b(before + msgspec.msgpack.encode(part), digest_size=16).digest()
