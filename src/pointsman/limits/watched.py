"""What the learner remembers of one deployment."""

from __future__ import annotations

from .guess import REQUESTS_ROW, TOKENS_ROW, Guess
from .headers import Allowance, HeaderReader
from .history import History
from .limit import MINUTE_US, Amounts, Dimension, Limit
from .places import Places

ROWS: dict[Dimension, int] = {"rpm": REQUESTS_ROW, "tpm": TOKENS_ROW}
"""Of the history."""
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
        self.published: dict[str, Limit] = {}
        """Limits found out, by id, as the book has them."""
        self.refusals = 0
        self.refused_us = -1

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

    def back_off(self, sent_us: int, now_us: int) -> int:
        """Microseconds to wait where nobody told how long: longer each time, until a call goes through."""
        if sent_us > self.refused_us:
            self.refusals += 1
            self.refused_us = now_us
        return 1_000_000 << min(self.refusals - 1, 6)

    def forget_rate(self) -> None:
        """The requests and tokens that were found out."""
        self.guess = Guess(self.history)

    def forget(self) -> None:
        """All but what was sent."""
        self.forget_rate()
        self.places = Places()
        self.told.clear()
        self.published.clear()
