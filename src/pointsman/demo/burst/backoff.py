"""The loop that most programs have around their calls: exponential backoff, for comparison.

Numbers and behaviour are those of the first recipe in OpenAI's cookbook, "How to handle rate limits":
tenacity's ``wait_random_exponential(min=1, max=60)`` with ``stop_after_attempt(6)``, for whatever is raised.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

ATTEMPTS = 6
LEAST = 1.0
MOST = 60.0
"""Seconds."""


def pause(attempt: int, random: float) -> float:
    """Seconds after the failure of an attempt, counted from 1.

    Args:
        random: from 0 to 1.
    """
    high = max(LEAST, min(MOST, 2.0 ** (attempt - 1)))
    return LEAST + (high - LEAST) * random


async def with_backoff(
    call: Callable[[], Awaitable[T]],
    *,
    failures: tuple[type[Exception], ...],
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
) -> T:
    """What ``call`` returns.

    Raises:
        Exception: the last of ``failures``, after so many attempts.
    """
    attempt = 1
    while True:
        try:
            return await call()
        except failures:
            if attempt == ATTEMPTS:
                raise
        await sleep(pause(attempt, random()))
        attempt += 1
