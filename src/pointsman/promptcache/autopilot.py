"""Where breakpoints go: decided by what was seen of a prompt, at real prices, and within what may be lost.

The rules of Anthropic's cache that this goes by: tools come before instructions, and these before messages;
an entry ends where a breakpoint was, and is found from a breakpoint at most 20 blocks behind it; at most
four breakpoints; longer lives before shorter ones; a read gives an entry its whole life again; too short a
prompt is not kept, and costs nothing.
"""

from __future__ import annotations

import msgspec

from pointsman.costs import PicoUsd

from .memory import Kept, Memory, Shared
from .odds import Odds
from .placement import Placement
from .sight import Prompt, Sight, look
from .uses import Use
from .worth import Choice, Life, Prices, Sizes, choices, reading_pays, reading_premium, writing_premium

LOOK_BACK = 19
"""Blocks; one less than documented."""
MARGIN = 5.0
"""Seconds before its end from which an entry is not counted on."""


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What a model's cache costs, and what it takes."""

    prices: Prices
    least: int
    """Tokens that it keeps at least."""


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
            Why there are none: "short", "not_worth", "unproven" or "risk".
        """
        prompt = sight.tokens
        if prompt * 1.3 < terms.least:
            return "short"
        placement = Placement(sight, now)
        alive = placement.alive = _alive(sight, now)
        whole = alive is not None and sight.before is not None and alive is sight.before.kept
        level = placement.level = None if whole else _level(sight, terms, alive)
        sizes = Sizes(
            prompt,
            0 if level is None else min(sight.shared_tokens(level), prompt),
            0 if alive is None else min(alive.tokens, prompt),
            "" if alive is None else alive.life,
            0.0 if alive is None or whole else _used_by_others(sight, alive),
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
        reads = alive is not None and reading_pays(trust, sizes.life, terms.prices)
        proven = _proven(covered, placement, sizes, terms.prices)
        if proven:
            choice = max(proven, key=_gain)
            placement.premium = _with_margin(choice.premium)
            _set(placement, choice)
            _stake(placement, choice, sizes, terms.prices)
        elif reads and (premium := _with_margin(reading_premium(sizes, terms.prices))) <= purse.free:
            placement.premium = premium
            _set_anchor(placement)
        elif covered:
            return "unproven"
        else:
            return "risk" if found or reads else "not_worth"
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


def _used_by(placement: Placement, choice: Choice) -> Use | None:
    """What has to be followed for the choice to be worth it, where first requests are at stake."""
    sight, level = placement.sight, placement.level
    if sight.before is not None:
        return None
    for_others = level is not None and (sight.kind == "opening" or level.tally.followed)
    return sight.conversation.use if choice.tail or level is None or not for_others else level.use


def _proven(found: list[Choice], placement: Placement, sizes: Sizes, prices: Prices) -> list[Choice]:
    """Those that do not put more at stake than was proven."""
    sight = placement.sight
    if sight.before is not None:
        return found
    _appraise(sight.conversation.use, sizes.prompt, prices)
    if placement.level is not None:
        _appraise(placement.level.use, sizes.shared, prices)
    return [
        choice
        for choice in found
        if (use := _used_by(placement, choice)) is None or use.admits(writing_premium(sizes, prices, choice))
    ]


def _appraise(use: Use | None, tokens: int, prices: Prices) -> None:
    """Once for each."""
    if use is not None and use.stake is not None and not use.worth:
        use.worth = (prices.fresh - prices.read) * tokens
        use.stake.see(prices.fresh * tokens)


def _stake(placement: Placement, choice: Choice, sizes: Sizes, prices: Prices) -> None:
    use = placement.staked = _used_by(placement, choice)
    if use is not None:
        use.pledge(writing_premium(sizes, prices, choice))


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


def _used_by_others(sight: Sight, alive: Kept) -> float:
    """Probability that they do before it lapses."""
    return max((sight.shared_odds(level).soon for level in sight.levels if level.kept is alive), default=0.0)


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
        for each, name in placement.named():
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
        for each, name in placement.named():
            if each.kept is alive:
                setattr(placement, name, life)
        return
    if sight.conversation.length == alive.end:
        if not placement.tail:
            placement.anchor = life
    elif not placement.tail or sight.conversation.blocks - alive.blocks >= LOOK_BACK:
        placement.anchor = life
