"""Where breakpoints go: decided by what was seen of a prompt, at real prices, and within what may be lost.

The rules of Anthropic's cache that this goes by: tools come before instructions, and these before messages;
an entry ends where a breakpoint was, and is found from a breakpoint at most 20 blocks behind it; at most
four breakpoints; longer lives before shorter ones; a read gives an entry its whole life again; too short a
prompt is not kept, and costs nothing.
"""

from __future__ import annotations

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd

from .memory import Kept, Memory, Shared
from .odds import Odds
from .sight import Prompt, Sight, look
from .worth import Choice, Life, Prices, Sizes, choices, reading_premium

LOOK_BACK = 19
"""Blocks; one less than documented."""
LIVES: dict[Life, float] = {"": 0.0, "5m": 300.0, "1h": 3600.0}
"""Seconds."""
MARGIN = 5.0
"""Seconds before its end from which an entry is not counted on."""


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What a model's cache costs, and what it takes."""

    prices: Prices
    least: int
    """Tokens that it keeps at least."""


class Placement:
    """Breakpoints for one call, and what they stand for. ``settle`` it when the call is over."""

    __slots__ = ("alive", "anchor", "level", "premium", "sent", "shared", "sight", "system", "tail", "tools")

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

    @property
    def count(self) -> int:
        """Of breakpoints."""
        return bool(self.tools) + bool(self.system) + bool(self.anchor) + bool(self.tail)

    @property
    def until(self) -> float | None:
        """When what is kept of the conversation lapses, once the call is settled; None where nothing is."""
        kept = self.sight.conversation.kept
        return None if kept is None else kept.until

    def describe(self) -> str:
        """For people: "tools=1h, system=1h, messages=5m"."""
        named = (
            ("tools", self.tools),
            ("system", self.system),
            ("earlier", self.anchor),
            ("messages", self.tail),
        )
        return ", ".join(f"{name}={life}" for name, life in named if life)


class Autopilot:
    """For all requests of a gateway.

    Args:
        start: 10⁻¹² USD that breakpoints may lose, for each tenant at each deployment.
    """

    def __init__(self, start: PicoUsd) -> None:
        self.memory = Memory(start)

    def look(self, prompt: Prompt, now: float) -> Sight | str:
        """See :func:`.sight.look`; once for each request at a deployment."""
        return look(self.memory, prompt, now)

    def place(self, sight: Sight, terms: Terms, now: float) -> Placement | str:
        """Breakpoints for a call that is sent now; what they may lose is set aside.

        Returns:
            Why there are none: "short", "not_worth" or "risk".
        """
        prompt = sight.tokens
        if prompt * 1.3 < terms.least:
            return "short"
        placement = Placement(sight, now)
        alive = placement.alive = _alive(sight, now)
        whole = sight.before is not None and alive is sight.before.kept
        level = placement.level = None if whole and alive is not None else _level(sight, terms, alive)
        sizes = Sizes(
            prompt,
            0 if level is None else min(sight.shared_tokens(level), prompt),
            0 if alive is None else min(alive.tokens, prompt),
            "" if alive is None else alive.life,
            sight.conversation.bears,
        )
        trust = sight.space.trust.share(now)
        tail = _times(sight.odds, trust)
        shared = tail if level is None else _times(sight.shared_odds(level), trust)
        found = choices(sizes, tail, shared, terms.prices)
        if level is not None and level.writing:
            found = [choice for choice in found if choice.tail]
        purse = sight.space.purse
        covered = [choice for choice in found if _with_margin(choice.premium) <= purse.free]
        if covered:
            choice = max(covered, key=_gain)
            placement.premium = _with_margin(choice.premium)
            _set(placement, choice)
        elif (
            alive is not None
            and (premium := _with_margin(reading_premium(sizes, terms.prices))) <= purse.free
        ):
            placement.premium = premium
            _set_anchor(placement)
        else:
            return "risk" if found or alive is not None else "not_worth"
        purse.hold(placement.premium)
        if placement.shared and level is not None:
            level.writing += 1
        return placement


def _gain(choice: Choice) -> float:
    return choice.gain


def _with_margin(premium: PicoUsd) -> PicoUsd:
    """A quarter more, since tokens are estimated."""
    return premium * 5 // 4


def _times(odds: Odds, share: float) -> Odds:
    return odds if share == 1.0 else Odds(odds.soon * share, odds.later * share)


def _alive(sight: Sight, now: float) -> Kept | None:
    """The longest entry that should be there."""
    if sight.before is not None:
        kept = sight.before.kept
        if kept is not None and kept.until - MARGIN > now:
            return kept
    for level in reversed(sight.levels):
        kept = level.kept
        if kept is not None and kept.until - MARGIN > now:
            return kept
    return None


def _level(sight: Sight, terms: Terms, alive: Kept | None) -> Shared | None:
    """What of tools and instructions to keep for other conversations: the longer part if as likely used."""
    best: Shared | None = None
    most = 0.0
    for level in sight.levels:
        tokens = sight.shared_tokens(level)
        if tokens * 1.3 < terms.least or level.kept is alive is not None:
            continue
        worth = tokens * sight.shared_odds(level).later
        if worth >= most:
            best, most = level, worth
    return best


def _set(placement: Placement, choice: Choice) -> None:
    sight, level = placement.sight, placement.level
    placement.tail = choice.tail
    placement.shared = life = choice.shared
    if life and level is not None:
        for each, name in _named(sight):
            if each is level or (choice.tail and sight.shared_tokens(each) <= sight.shared_tokens(level)):
                setattr(placement, name, life)
    _set_anchor(placement)


def _set_anchor(placement: Placement) -> None:
    """A breakpoint at the entry that is there, unless the one at the end finds it; longer lives first."""
    sight, alive = placement.sight, placement.alive
    if alive is None:
        return
    life: Life = "1h" if "1h" in (alive.life, placement.shared, placement.tail) else "5m"
    if sight.before is None or alive is not sight.before.kept:
        for each, name in _named(sight):
            if each.kept is alive:
                setattr(placement, name, life)
        return
    if sight.conversation.length == alive.end:
        if not placement.tail:
            placement.anchor = life
    elif not placement.tail or sight.conversation.blocks - alive.blocks >= LOOK_BACK:
        placement.anchor = life


def _named(sight: Sight) -> list[tuple[Shared, str]]:
    names = ["tools"] if sight.prompt.tools else []
    names += ["system"] if sight.prompt.system else []
    return list(zip(sight.levels, names, strict=True))


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
    if alive is not None:
        found = read * 2 >= alive.tokens
        sight.space.trust.see(found, placement.sent)
        if not found:
            alive.until = 0.0
    if not cached:
        return
    if placement.tail:
        now = sight.conversation
        until = placement.sent + LIVES[placement.tail]
        now.kept = Kept(cached, until, placement.tail, now.start, now.length, now.blocks)
    elif alive is not None and read:
        alive.until = placement.sent + LIVES[alive.life]
    if placement.shared and placement.level is not None and read < sight.shared_tokens(placement.level):
        level = placement.level
        if not placement.tail:
            level.tokens = cached
        level.kept = Kept(
            sight.shared_tokens(level), placement.sent + LIVES[placement.shared], placement.shared
        )
