"""What a request's prompt is made of, and what of it was seen before. Looking counts as a use."""

from __future__ import annotations

import msgspec

from pointsman.chat import Usage
from pointsman.dialects.anthropic_messages.marks import Turn, has_own, read_turns
from pointsman.dialects.marking import end_of

from .memory import Conversation, Memory, Shared, Space
from .odds import OWN_OTHERS, OWN_WEIGHT, Kind, Odds, Tally
from .stake import Stake
from .uses import Use

_UNMARKABLE = frozenset({"thinking", "redacted_thinking", ""})
PLAIN = "plain"
"""In place of the type of a last block: where its breakpoint goes is known without looking."""


_WHOLE = 1024
_SAMPLE = 256
_NONE = memoryview(b"")


class Prompt(msgspec.Struct, frozen=True, gc=False):
    """A request in Anthropic's dialect; raw JSON."""

    deployment: str
    partition: str
    """Whose it is: no other one's prompts are taken for seen."""
    messages: memoryview
    tools: memoryview = _NONE
    system: memoryview = _NONE
    settings: int = 0
    """Digest of what else may not change in a conversation lest the provider's cache is lost."""
    free_tools: bool = False
    """It has tools, and the model may call them or not."""


class Sight:
    """One request, as it was seen when it was sent."""

    __slots__ = ("before", "conversation", "kind", "levels", "prompt", "size", "space", "turns")

    def __init__(
        self,
        prompt: Prompt,
        space: Space,
        levels: tuple[Shared, ...],
        before: Conversation | None,
        turns: list[Turn],
    ) -> None:
        self.prompt = prompt
        self.space = space
        self.levels = levels
        """Tools, then tools and instructions, as far as there are any."""
        self.before = before
        """The conversation as it stood at its last request."""
        self.turns = turns
        """Those that are new."""
        self.kind: Kind = _kind(before, turns, prompt)
        self.conversation: Conversation
        """As it stands with this request."""
        self.size = len(prompt.tools) + len(prompt.system) + len(prompt.messages)

    @property
    def tokens(self) -> int:
        """An estimate of the whole prompt."""
        before, ratio = self.before, self.space.ratio
        if before is not None and before.tokens is not None:
            return before.tokens + int((len(self.prompt.messages) - before.length) / ratio)
        shared = self.levels[-1].tokens if self.levels else None
        if shared is not None:
            return shared + int((self.size - self.levels[-1].size) / ratio)
        return int(self.size / ratio)

    def shared_tokens(self, level: Shared) -> int:
        return int(level.size / self.space.ratio) if level.tokens is None else level.tokens

    @property
    def odds(self) -> Odds:
        """That the whole prompt begins another one."""
        return self.conversation.own.odds(self.kind, self.space.odds(self.kind), OWN_WEIGHT, OWN_OTHERS)

    def learn(self, usage: Usage | None) -> None:
        """How many tokens it really had."""
        if usage is not None:
            self.space.learn_ratio(self.size, usage.prompt)
            self.conversation.tokens = usage.prompt
            for level in self.levels:
                if level.tokens is None:
                    level.tokens = usage.prompt * level.size // self.size

    def shared_odds(self, level: Shared) -> Odds:
        return level.tally.odds(self.space.odds("shared"), OWN_WEIGHT)


def look(memory: Memory, prompt: Prompt, now: float) -> Sight | str:
    """Find what of a prompt was seen before, and remember it.

    Returns:
        Why it is to be left alone: "own", as the caller has placed breakpoints; "unreadable".
    """
    memory.sweep(now)
    space = memory.space(prompt.deployment, prompt.partition)
    messages = prompt.messages
    beginning = hash((space.number, prompt.settings, _sample(prompt.tools), _sample(prompt.system)))
    before = memory.find(beginning, messages)
    levels = _levels(memory, space, prompt) if before is None else before.levels
    if any(level.marked for level in levels):
        return "own"
    rest = bytes(messages if before is None else messages[before.length :])
    if has_own(rest):
        return "own"
    turns = read_turns(rest)
    if turns is None or (before is None and not turns):
        return "unreadable"
    sight = Sight(prompt, space, levels, before, turns)
    blocks = sum(turn.blocks for turn in turns) + (0 if before is None else before.blocks)
    end = end_of(messages)
    start = end - turns[-1].size if turns else 0 if before is None else before.start
    sight.conversation = conversation = memory.keep(beginning, messages, end, start, blocks, before)
    conversation.levels = levels
    if turns:
        conversation.last = PLAIN if turns[-1].plain else turns[-1].last
        conversation.bears = turns[-1].role == "user" and turns[-1].last not in _UNMARKABLE
    elif before is not None:
        conversation.bears, conversation.last = before.bears, before.last
    if before is None:
        for level in levels:
            if level.use is not None:
                level.use.follow(now)
            counted = (level.tally, *space.counts.of("shared"), *memory.usual.of("shared"))
            level.use = _used(memory, counted, now, space.stake("shared"))
    elif before.use is not None:
        before.use.follow(now)
    kind = sight.kind
    stake = space.stake(kind) if before is None else None
    counted = (*conversation.own.of(kind), *space.counts.of(kind), *memory.usual.of(kind))
    conversation.use = _used(memory, counted, now, stake)
    return sight


def _used(memory: Memory, tallies: tuple[Tally, ...], now: float, stake: Stake | None) -> Use:
    use = Use(now, tallies, stake)
    memory.watch(use)
    return use


def _sample(raw: memoryview) -> int:
    """Tells tools or instructions from others: by their length, beginning, middle and end."""
    size = len(raw)
    if size <= _WHOLE:
        return hash(bytes(raw))
    middle = raw[size // 2 : size // 2 + _SAMPLE]
    return hash((size, bytes(raw[:_SAMPLE]), bytes(middle), bytes(raw[-_SAMPLE:])))


def _levels(memory: Memory, space: Space, prompt: Prompt) -> tuple[Shared, ...]:
    """Told from others by all their bytes, since they are what conversations share."""
    key = space.number
    levels: list[Shared] = []
    size = 0
    for raw in (bytes(prompt.tools), bytes(prompt.system)):
        size += len(raw)
        key = hash((key, raw))
        if raw:
            found = memory.shared(key)
            if found is None:
                found = Shared(size, has_own(raw))
                memory.keep_shared(key, found)
            levels.append(found)
    return tuple(levels)


def _kind(before: Conversation | None, turns: list[Turn], prompt: Prompt) -> Kind:
    if not turns:
        return "repeat"
    if before is not None:
        return "loop" if turns[-1].last == "tool_result" else "turn"
    if len(turns) > 1 and any(turn.role == "assistant" for turn in turns):
        return "joined"
    return "task" if prompt.free_tools else "opening"
