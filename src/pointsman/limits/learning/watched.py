"""What the learner remembers of one deployment."""

from __future__ import annotations

from collections import deque

from pointsman.limits.values.limit import MINUTE_US, Amounts, Dimension, Limit

from .guess import REQUESTS_ROW, TOKENS_ROW, Guess
from .headers import Allowance, HeaderReader
from .history import History
from .places import Places

ROWS: dict[Dimension, int] = {"rpm": REQUESTS_ROW, "tpm": TOKENS_ROW}
"""Of the history."""
OTHERS_US = 30_000_000
PLENTY = 0.25
"""Such a part of a limit that is left is not what a call was refused for …"""
FEW_ODD, SELDOM = 3, 0.04
"""… if that happens so few times within a minute, or to such a part of all calls."""
NEARLY = 0.9
"""Of a told limit: who has sent so much is refused for that, even if the refusal does not say so."""


class Watched:
    """What is known of one deployment, besides what the book has."""

    __slots__ = (
        "charged_us",
        "grow_us",
        "guess",
        "history",
        "look_us",
        "name",
        "odd_us",
        "others",
        "paused_until_us",
        "places",
        "published",
        "reader",
        "refusals",
        "refused_us",
        "seen_us",
        "told",
    )

    def __init__(self, name: str, now_us: int) -> None:
        self.name = name
        self.history = History(now_us)
        self.guess = Guess(self.history)
        self.places = Places()
        self.reader = HeaderReader()
        self.told: dict[Dimension, Limit] = {}
        """Limits that the provider told in figures."""
        self.look_us = 0
        self.grow_us = 0
        self.paused_until_us = 0
        self.seen_us = now_us
        self.charged_us: dict[Dimension, int] = {}
        """When others' use was last charged: answers to calls sent before say nothing new."""
        self.others: dict[Dimension, tuple[int, int, int]] = {}
        """Of rolling windows: what others take, since when, and the most that was seen since then. It is kept
        off the limit as long as nothing else is seen: what is charged is forgotten after a minute, and if
        nothing was sent in that minute, all who wait would then be let out against what the others take."""
        self.published: dict[str, Limit] = {}
        """Limits found out, by id, as the book has them."""
        self.refusals = 0
        self.refused_us = -1
        self.odd_us: deque[int] = deque(maxlen=10_000)
        """When calls were refused of which nobody can say why."""

    def is_explained(self, allowances: list[Allowance], amounts: Amounts, sent_us: int) -> bool:
        """Whether a limit that the provider told is used up, so that there is nothing to find out."""
        left = [
            (allowance.remaining, amounts[self.told[allowance.dimension].place])
            for allowance in allowances
            if allowance.remaining is not None
        ]
        if left:
            return any(remaining < max(1, needed) for remaining, needed in left)
        return any(
            self.history.within(row, sent_us - MINUTE_US, sent_us) >= NEARLY * self.told[dimension].amount
            for dimension, row in ROWS.items()
            if dimension in self.told
        )

    def others_take(self, dimension: Dimension, seen: int, tolerance: float, now_us: int) -> bool:
        """Take note of what others are seen to take of a rolling window: the most within ``OTHERS_US``, since
        calls on their way make it look less. Whether that changes anything."""
        before, since_us, most = self.others.get(dimension, (0, now_us, 0))
        if seen > before + (0 if before else tolerance):
            self.others[dimension] = (seen, now_us, 0)
            return True
        most = max(most, seen)
        if now_us - since_us < OTHERS_US:
            self.others[dimension] = (before, since_us, most)
            return False
        self.others[dimension] = (most, now_us, 0)
        return most != before

    def taken_by_others(self, dimension: Dimension) -> int:
        """Of a rolling window, as far as is known."""
        return self.others[dimension][0] if dimension in self.others else 0

    def is_odd(self, allowances: list[Allowance], sent_us: int, now_us: int) -> bool:
        """Whether the provider refuses, though seldom, while by its own figures nothing is short: then there
        is no limit to find out, and what happened to be sent within the last minute must not become one."""
        known = [one for one in allowances if one.remaining is not None and one.dimension in ROWS]
        if not known or any((one.remaining or 0) < PLENTY * one.limit for one in known):
            return False
        odd = self.odd_us
        odd.append(now_us)
        while odd[0] <= now_us - MINUTE_US:
            odd.popleft()
        sent = self.history.within(ROWS["rpm"], sent_us - MINUTE_US, now_us)
        return len(odd) <= max(FEW_ODD, SELDOM * sent)

    def back_off(self, sent_us: int, now_us: int, *, patient: bool = False) -> int:
        """Microseconds to wait where nobody told how long: longer each time, until a call goes through.

        Args:
            patient: a first refusal is for nothing that others would meet too.
        """
        if sent_us > self.refused_us:
            self.refusals += 1
            self.refused_us = now_us
        if patient and self.refusals < 2:
            return 0
        return 1_000_000 << min(self.refusals - 1, 6)

    def forget_rate(self) -> None:
        """The requests and tokens that were found out."""
        self.guess = Guess(self.history)

    def forget(self) -> None:
        """All but what was sent."""
        self.forget_rate()
        self.places = Places()
        self.told.clear()
        self.others.clear()
        self.published.clear()
