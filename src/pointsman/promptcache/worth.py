"""Whether a breakpoint pays: what this call and the next one cost with it and without, at real prices.

Let a token be used again within 5 minutes with probability ``a`` and within the hour with ``b``. Where all of
a prompt is always kept for 5 minutes, each use of it is a read with probability ``a`` and a write else, and
costs ``w5·(1−a) + r·a`` in the mean; for an hour ``w1·(1−b) + r·b``; without a cache ``i``. The least of the
three says what a token that is not in the cache costs from now on. With that, one step is looked ahead with
the real sizes: an entry for 5 minutes that is there already is prolonged to an hour by writing only what is
new, since a call is billed for what lies behind the longest entry that it read.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .odds import Odds

Life = Literal["", "5m", "1h"]


class Prices(msgspec.Struct, frozen=True, gc=False):
    """10⁻¹² USD per token."""

    fresh: int
    read: int
    write_5m: int
    write_1h: int


class Sizes(msgspec.Struct, frozen=True, gc=False):
    """Tokens, each from the beginning of the prompt."""

    prompt: int
    shared: int = 0
    """Tools and instructions, where they may be kept for other conversations; 0 where not."""
    alive: int = 0
    """The longest entry that is there."""
    life: Life = ""
    """Of that one."""
    others: float = 0.0
    """Probability that others use that entry before it lapses, and so prolong it."""
    markable: bool = True
    """The end of the prompt can bear a breakpoint."""


class Choice(msgspec.Struct, frozen=True, gc=False):
    shared: Life
    tail: Life
    """How long they are to be kept; "" where nothing is written."""
    gain: float
    """By how much it is expected to be cheaper than to write nothing; 10⁻¹² USD."""
    premium: int
    """What it costs more than fresh input if all that is written is never read; 10⁻¹² USD."""


NOTHING = Choice("", "", 0.0, 0)


def choose(sizes: Sizes, tail: Odds, shared: Odds, prices: Prices) -> Choice:
    """The cheapest in expectation; nothing where nothing is cheaper."""
    return max(choices(sizes, tail, shared, prices), key=_gain, default=NOTHING)


def choices(sizes: Sizes, tail: Odds, shared: Odds, prices: Prices) -> list[Choice]:
    """All that are cheaper than to write nothing."""
    if not sizes.shared or sizes.shared <= sizes.alive:
        return _for_the_tail(sizes, tail, prices)
    nothing = _expected(sizes, tail, shared, prices, "", "")
    found = []
    for of_shared, of_tail in _BOTH:
        if of_tail and not sizes.markable:
            continue
        gain = nothing - _expected(sizes, tail, shared, prices, of_shared, of_tail)
        if gain > 0:
            found.append(Choice(of_shared, of_tail, gain, _premium(sizes, prices, of_shared, of_tail)))
    return found


def _for_the_tail(sizes: Sizes, tail: Odds, prices: Prices) -> list[Choice]:
    """Where there is nothing to be written for others, as on most requests of a conversation."""
    if not sizes.markable:
        return []
    new, prompt = sizes.prompt - sizes.alive, sizes.prompt
    uncached = usual_price(tail, prices)
    spared = uncached - prices.read
    # the prompt is read with that probability next time, instead of what is there now
    there = max(_survives(sizes.life, tail), tail.later * sizes.others)
    now_read = there * spared * sizes.alive
    found = []
    for life, price, there in (
        (_FIVE, prices.write_5m, tail.soon),
        (_HOUR, prices.write_1h, tail.later),
    ):
        gain = there * spared * prompt - now_read - (price - prices.fresh) * new
        if gain > 0:
            found.append(Choice("", life, gain, (price - prices.fresh) * prompt))
    return found


_FIVE: Life = "5m"
_HOUR: Life = "1h"
_BOTH: tuple[tuple[Life, Life], ...] = (
    ("5m", ""),
    ("1h", ""),
    ("5m", "5m"),
    ("1h", "5m"),
    ("1h", "1h"),
)
"""Longer lives have to stand before shorter ones. A breakpoint behind the shared part costs nothing more
where the tail is written too."""


def _gain(choice: Choice) -> float:
    return choice.gain


def _expected(
    sizes: Sizes, tail: Odds, shared: Odds, prices: Prices, of_shared: Life, of_tail: Life
) -> float:
    """Of this call and the next uses."""
    prompt, alive = sizes.prompt, sizes.alive
    new_shared = sizes.shared - alive
    now = (
        prices.read * alive
        + _price(of_shared or of_tail, prices) * new_shared
        + _price(of_tail, prices) * max(0, prompt - alive - new_shared)
    )
    uncached = usual_price(tail, prices)
    life = of_tail or of_shared or sizes.life
    kept = prompt if of_tail else max(sizes.shared, alive) if of_shared else alive
    there = _survives(life, tail)
    after = there * prices.read * kept + (tail.later - there) * uncached * kept
    after += tail.later * uncached * (prompt - kept)
    there = _survives(of_shared, shared)
    others = there * prices.read + (shared.later - there) * usual_price(shared, prices)
    return now + after + others * sizes.shared


def usual_price(odds: Odds, prices: Prices) -> int:
    """Of a token that is not in the cache, if from now on it is handled as is best in the long run."""
    soon, later = odds.soon, odds.later
    five = prices.write_5m * (1 - soon) + prices.read * soon
    hour = prices.write_1h * (1 - later) + prices.read * later
    if prices.fresh <= five and prices.fresh <= hour:
        return prices.fresh
    return prices.write_5m if five <= hour else prices.write_1h


def _survives(life: Life, odds: Odds) -> float:
    """Probability that the next use comes, and finds it there."""
    return odds.later if life == "1h" else odds.soon if life else 0.0


def _price(life: Life, prices: Prices) -> int:
    return prices.write_1h if life == "1h" else prices.write_5m if life else prices.fresh


def reading_pays(trust: float, life: Life, prices: Prices) -> bool:
    """To ask for an entry that is there with probability ``trust``, and is written again where it is not."""
    return trust * (prices.fresh - prices.read) > (1 - trust) * (_price(life, prices) - prices.fresh)


def reading_premium(sizes: Sizes, prices: Prices) -> int:
    """What a breakpoint at the longest entry costs more than none if the entry is not there after all, and so
    is written."""
    return (_price(sizes.life, prices) - prices.fresh) * sizes.alive


def writing_premium(sizes: Sizes, prices: Prices, choice: Choice) -> int:
    """What it costs more than fresh input if what is thought to be there is there, and nothing else."""
    shared = max(0, sizes.shared - sizes.alive)
    premium = (_price(choice.shared or choice.tail, prices) - prices.fresh) * shared
    if choice.tail:
        premium += (_price(choice.tail, prices) - prices.fresh) * (sizes.prompt - sizes.alive - shared)
    return premium


def _premium(sizes: Sizes, prices: Prices, of_shared: Life, of_tail: Life) -> int:
    """At worst nothing was there, and all that a breakpoint covers is written."""
    if of_tail:
        behind = sizes.shared if of_shared else 0
        more = (_price(of_tail, prices) - prices.fresh) * (sizes.prompt - behind)
        return more + (_price(of_shared, prices) - prices.fresh) * behind
    return (_price(of_shared, prices) - prices.fresh) * sizes.shared
