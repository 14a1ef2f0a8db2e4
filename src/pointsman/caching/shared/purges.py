"""What was to be forgotten lately: an answer that was asked for before a purge, and comes after it, may be of
what the purge was about, and is not kept. Pure: told what time it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .answers import Purge


class Purges:
    """
    Args:
        monotonic: seconds.
        most: purges that are told apart. Of those before them it is known when the last was: what was asked
            for before that is not kept, whatever it is.
    """

    def __init__(self, monotonic: Callable[[], float], most: int = 256) -> None:
        self._now = monotonic
        self._most = most
        self._latest: deque[tuple[float, Purge]] = deque()
        self._any_before = float("-inf")

    def note(self, which: Purge) -> None:
        if which.older_than is not None:  # means nothing that is still to come
            return
        self._latest.append((self._now(), which))
        if len(self._latest) > self._most:
            self._any_before, _ = self._latest.popleft()

    def mean(self, began: float, *, tenant: str, model: str, tags: tuple[str, ...]) -> bool:
        """Whether one since ``began`` means such an answer.

        Args:
            began: when it was asked for; monotonic seconds.
        """
        if began <= self._any_before:
            return True
        for at, which in reversed(self._latest):
            if at < began:
                return False
            if which.means(tenant=tenant, model=model, tags=tags, age=0.0):
                return True
        return False
