"""Beginnings of prompts that were seen, within bounds. Pure: told what time it is.

A conversation is recognised by its bytes: the messages of its next request begin with all those of the last
one. That is checked on their length, their beginning and their end, not on all of them: a change in the midst
that goes unnoticed costs one breakpoint in vain, and the usage tells.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping

import msgspec

from .habits import EVERYONE, Habits, Whose, decode_counts, encode_counts
from .odds import FIRST_GUESS, GUESS_WEIGHT, OTHERS, SOON, Kind, Odds, Tally
from .purse import Purse
from .stake import Stake
from .trust import Trust
from .uses import Counts, Use
from .worth import Life

_HEADS = (2048, 256, 64, 0)
"""Bytes of its messages that a conversation is looked up by; the most that it had at first."""
_END = 24
_FIRST = 256
_LAST = 512
FEW = 2
"""So many others say nothing of who comes for the first time."""
BYTES_PER_TOKEN = 3.0
"""Of JSON, until a provider has counted: few, so that no more is risked than is thought."""


class Bounds(msgspec.Struct, frozen=True):
    """How much is remembered; what was not used for longest is forgotten first."""

    spaces: int = 4096
    shared: int = 8192
    conversations: int = 32_768
    """Of each, its last two requests count."""
    alike: int = 64
    """Of those that begin alike."""


USUAL = Bounds()


class Kept:
    """An entry of the provider's cache, as far as we know."""

    __slots__ = ("blocks", "end", "life", "start", "tokens", "until")

    def __init__(
        self, tokens: int, until: float, life: Life, start: int = 0, end: int = 0, blocks: int = 0
    ) -> None:
        """
        Args:
            until: when it lapses; monotonic seconds.
            start, end: of the message that it ends with, within the messages.
            blocks: up to there, from the first message.
        """
        self.tokens = tokens
        self.until = until
        self.life = life
        self.start = start
        self.end = end
        self.blocks = blocks


class Space:
    """What was seen of one tenant at one deployment."""

    __slots__ = ("_counted", "_guess", "_stakes", "counts", "number", "purse", "ratio", "trust")

    def __init__(self, number: int, purse: Purse, guess: Mapping[Kind, Odds] = FIRST_GUESS) -> None:
        """
        Args:
            guess: before anything was counted of it.
        """
        self.number = number
        self._guess = guess
        self.purse = purse
        self.ratio = BYTES_PER_TOKEN
        self._counted = 0
        self.counts = Counts()
        self.trust = Trust()
        self._stakes: dict[Kind, Stake] = {}

    def stake(self, kind: Kind) -> Stake:
        found = self._stakes.get(kind)
        if found is None:
            found = self._stakes[kind] = Stake()
        return found

    def odds(self, kind: Kind) -> Odds:
        return self.counts.odds(kind, self._guess[kind], GUESS_WEIGHT, OTHERS)

    def learn_ratio(self, size: int, tokens: int) -> None:
        if size and tokens:
            self._counted += 1
            self.ratio += max(0.2, 1 / self._counted) * (min(max(size / tokens, 1.5), 8.0) - self.ratio)


class Shared:
    """Tools, or tools and instructions."""

    __slots__ = ("kept", "marked", "size", "tally", "tokens", "use", "writing")

    def __init__(self, size: int, marked: bool) -> None:
        self.size = size
        self.marked = marked
        """The caller has placed breakpoints in it."""
        self.tokens: int | None = None
        """As the provider counted them, or their share of what it counted."""
        self.tally = Tally()
        self.use: Use | None = None
        """The last one as the beginning of another conversation."""
        self.kept: Kept | None = None
        self.writing = 0
        """Calls under way that may write it."""


class Conversation:
    """One as it stood at one request."""

    __slots__ = (
        "bears", "before", "blocks", "end", "kept", "key", "last", "length", "levels", "own", "print",
        "start", "tokens", "use",
    )  # fmt: skip

    def __init__(self, key: int, messages: memoryview, length: int, start: int, blocks: int) -> None:
        """
        Args:
            length: of the messages, without what closes them.
            start: of the last message.
        """
        self.key = key
        self.length = length
        self.start = start
        self.bears = False
        """Its last message can bear a breakpoint."""
        self.last = ""
        """Type of the last block of that."""
        self.levels: tuple[Shared, ...] = ()
        """What it shares with others."""
        self.end = bytes(messages[length - _END : length])
        self.print = fingerprint(messages, length)
        self.blocks = blocks
        self.before: Conversation | None = None
        """As it stood at the request before; kept since another may branch off there."""
        self.own = Counts()
        self.use: Use | None = None
        self.kept: Kept | None = None
        self.tokens: int | None = None
        """Of the whole prompt, as the provider counted them."""

    def begins(self, messages: memoryview) -> bool:
        length = self.length
        return (
            len(messages) > length
            and messages[length - _END : length] == self.end
            and fingerprint(messages, length) == self.print
        )


def fingerprint(messages: memoryview, length: int) -> int:
    """Of so many bytes from the beginning."""
    begin, end = messages[: min(_FIRST, length)], messages[max(0, length - _LAST) : length]
    return hash((length, bytes(begin), bytes(end)))


class Memory:
    """All that was seen.

    Args:
        start: 10⁻¹² USD that each space may lose.
    """

    def __init__(self, start: int, bounds: Bounds = USUAL) -> None:
        self._start = start
        self._bounds = bounds
        self._spaces: OrderedDict[tuple[str, str], Space] = OrderedDict()
        self._numbers = 0
        self.usual = Counts()
        """Of all tenants at all deployments."""
        self._habits: dict[Whose, bytes] = {}
        """Of those that have not come again yet."""
        self._changed: set[Whose] = set()
        self._shared: OrderedDict[int, Shared] = OrderedDict()
        self._conversations: OrderedDict[Conversation, None] = OrderedDict()
        self._by_head: dict[int, list[Conversation]] = {}
        self._uses: deque[Use] = deque(maxlen=2 * bounds.conversations)

    def __len__(self) -> int:
        return len(self._conversations)

    def space(self, deployment: str, partition: str) -> Space:
        key = (deployment, partition)
        self._changed.add(key)
        found = self._spaces.get(key)
        if found is not None:
            self._spaces.move_to_end(key)
            return found
        self._numbers += 1
        self._spaces[key] = found = Space(self._numbers, Purse(self._start), self._guess())
        habits = self._habits.pop(key, None)
        if habits is not None:
            found.counts = decode_counts(habits)
        if len(self._spaces) > self._bounds.spaces:
            self._spaces.popitem(last=False)
        return found

    def remember(self, habits: Habits) -> None:
        """What was counted before this process began."""
        self._habits = dict(habits)
        everyone = self._habits.pop(EVERYONE, None)
        if everyone is not None:
            self.usual = decode_counts(everyone)

    def changed(self) -> Habits:
        """What was counted of all that came since the last time that this was asked."""
        changed = {whose: space for whose in self._changed if (space := self._spaces.get(whose)) is not None}
        self._changed.clear()
        habits = {whose: encode_counts(space.counts) for whose, space in changed.items()}
        return {EVERYONE: encode_counts(self.usual), **habits} if habits else {}

    def changed_still(self, habits: Habits) -> None:
        """These could not be kept."""
        self._changed.update(whose for whose in habits if whose != EVERYONE)

    def _guess(self) -> Mapping[Kind, Odds]:
        """For who comes for the first time: what is usual with others, of whom each beyond the first few
        counts as one use, since what one does says little of another. Whether instructions come again is each
        one's own."""
        count = max(0, len(self._spaces) + len(self._habits) - FEW)
        return {
            kind: guess
            if kind == "shared"
            else self.usual.odds(kind, guess, GUESS_WEIGHT, min(OTHERS, count), count)
            for kind, guess in FIRST_GUESS.items()
        }

    def shared(self, key: int) -> Shared | None:
        found = self._shared.get(key)
        if found is not None:
            self._shared.move_to_end(key)
        return found

    def keep_shared(self, key: int, shared: Shared) -> None:
        self._shared[key] = shared
        if len(self._shared) > self._bounds.shared:
            self._shared.popitem(last=False)

    def find(self, beginning: int, messages: memoryview) -> Conversation | None:
        """The longest that these messages go on with, or are.

        Args:
            beginning: all that stands before the messages, digested.
        """
        found: Conversation | None = None
        for head in _HEADS:
            if len(messages) >= head:
                for each in self._by_head.get(hash((beginning, bytes(messages[:head]))), ()):
                    if (found is None or each.length > found.length) and each.begins(messages):
                        found = each
        return found

    def keep(
        self,
        beginning: int,
        messages: memoryview,
        length: int,
        start: int,
        blocks: int,
        before: Conversation | None,
    ) -> Conversation:
        """One more request of a conversation, or the first one (``before`` is None)."""
        if before is None:
            head = next(head for head in _HEADS if length >= head)
            new = Conversation(hash((beginning, bytes(messages[:head]))), messages, length, start, blocks)
        else:
            new = Conversation(before.key, messages, length, start, blocks)
            new.own = before.own
            new.kept = before.kept
            new.before = before
            if before.before is not None:
                self._forget(before.before)
                before.before = None
        self._conversations[new] = None
        alike = self._by_head.setdefault(new.key, [])
        alike.append(new)
        if len(alike) > self._bounds.alike:
            self._forget(alike[0])
        if len(self._conversations) > self._bounds.conversations:
            self._forget(next(iter(self._conversations)))
        return new

    def watch(self, use: Use) -> None:
        """Count it as not used again soon, once it is too late for that."""
        self._uses.append(use)

    def sweep(self, now: float) -> None:
        """Count what was not used again soon."""
        uses = self._uses
        while uses and now - uses[0].at > SOON:
            uses.popleft().lapse()

    def _forget(self, conversation: Conversation) -> None:
        self._conversations.pop(conversation, None)
        alike = self._by_head.get(conversation.key)
        if alike is not None and conversation in alike:
            alike.remove(conversation)
            if not alike:
                del self._by_head[conversation.key]
