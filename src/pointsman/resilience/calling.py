"""``call_with_retry``: the decisions of this room around any function, without a gateway.

The one module of the room that waits. What is repeated, and when, is decided in ``decide.py``; how foreign
failures are read, in ``foreign.py``.
"""

from __future__ import annotations

import asyncio
import random as random_numbers
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from inspect import isawaitable, iscoroutine
from math import inf
from typing import Any, TypeVar

import msgspec

from pointsman.clock import Clock, SystemClock

from .budget import RetryBudget
from .course import Course, Place
from .decide import GiveUp, SendAgain, Why
from .foreign import outcome_of_failure, outcome_of_response
from .outcome import Outcome
from .retry import RetryPolicy

T = TypeVar("T")

_PLACES = (Place(""),)
_CLOCK = SystemClock()

_REASONS: dict[Why, str] = {
    "final": "the same call would fail again",
    "refused": "a safety refusal is an answer",
    "forwarded": "part of the answer had been delivered",
    "attempts": "no attempts are left",
    "deadline": "the next one would not begin before the deadline",
    "budget": "the retry budget is used up",
    "retry_after": "it was told to wait for longer than max_retry_after",
    "no_candidate": "the same call would fail again",
}


class Retry(msgspec.Struct, frozen=True):
    """What ``on_retry`` is told, before the wait."""

    number: int
    """Attempts made so far: 1 before the first repetition."""
    wait: float
    """Seconds until the next one."""
    cause: object
    """The exception; or the answer, where the function returned one that tells of a failure."""


OnRetry = Callable[[Retry], None]


async def call_with_retry(
    function: Callable[..., Awaitable[T]],
    /,
    *args: Any,
    policy: RetryPolicy | None = None,
    deadline: float | None = None,
    budget: RetryBudget | None = None,
    on_retry: OnRetry | None = None,
    clock: Clock = _CLOCK,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    random: Callable[[], float] = random_numbers.random,
    **kwargs: Any,
) -> T:
    """Await ``function(*args, **kwargs)``; where it fails in a way that may pass, wait and do it again.

    Repeated are failed connections, timeouts, and answers with 408, 409, 425, 429 or 5xx, raised or returned,
    by Pointsman, the OpenAI and Anthropic SDKs, httpx, aiohttp, requests. Never repeated: other errors of
    the caller's (400, 401, 403, 404, 422), a used-up quota or spend limit, what ``x-should-retry: false``
    forbids, and whatever is not understood. ``retry-after`` (seconds or a date) and ``retry-after-ms`` are
    kept to.

    Turn the retries of an SDK off (``max_retries=0``), or they multiply with these.

    Args:
        function: called anew for each attempt. Where it has parameters of the names below, bind them with
            ``functools.partial``.
        deadline: seconds from now for all of it: an attempt under way then is cancelled (TimeoutError), and
            no wait is begun that would end later.
        budget: one for all calls to the same provider, so that an outage does not double its load.
        on_retry: told before each wait.
        clock, sleep, random: for tests.

    Raises:
        The last error itself, with a note of what was tried. A returned answer that cannot be repeated is
        returned as it is.
    """
    attempts = _Attempts(policy, deadline, budget, on_retry, clock, random)
    while True:
        limit = asyncio.timeout(attempts.left())
        try:
            async with limit:
                value = await _awaitable(function(*args, **kwargs))
        except Exception as error:
            wait = attempts.raised(error, over=limit.expired())
            if wait is None:
                raise
        else:
            wait = attempts.returned(value)
            if wait is None:
                return value
            await _discard(value)
        await sleep(wait)


def call_with_retry_sync(
    function: Callable[..., T],
    /,
    *args: Any,
    policy: RetryPolicy | None = None,
    deadline: float | None = None,
    budget: RetryBudget | None = None,
    on_retry: OnRetry | None = None,
    clock: Clock = _CLOCK,
    sleep: Callable[[float], None] = time.sleep,
    random: Callable[[], float] = random_numbers.random,
    **kwargs: Any,
) -> T:
    """``call_with_retry`` for functions that block. ``deadline`` cannot end an attempt under way: give the
    call a timeout of its own as well."""
    attempts = _Attempts(policy, deadline, budget, on_retry, clock, random)
    while True:
        try:
            value = function(*args, **kwargs)
            if iscoroutine(value):
                value.close()
                raise TypeError("A coroutine function: use `await call_with_retry(…)`.")
        except Exception as error:
            wait = attempts.raised(error)
            if wait is None:
                raise
        else:
            wait = attempts.returned(value)
            if wait is None:
                return value
            close = getattr(value, "close", None)
            if callable(close):
                close()
        sleep(wait)


class _Attempts:
    """What both share: the attempts of one call, and the wait after each that failed."""

    def __init__(
        self,
        policy: RetryPolicy | None,
        deadline: float | None,
        budget: RetryBudget | None,
        on_retry: OnRetry | None,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._random = random
        self._on_retry = on_retry
        self._began = clock.monotonic()
        self._deadline = inf if deadline is None else self._began + deadline
        self._course = Course(_PLACES, policy or RetryPolicy(), self._deadline)
        self._waited: list[float] = []
        self._budget = budget
        if budget is not None:
            budget.deposit()

    def left(self) -> float | None:
        """Seconds until the deadline; None without one."""
        return None if self._deadline == inf else max(0.0, self._deadline - self._clock.monotonic())

    def raised(self, error: Exception, *, over: bool = False) -> float | None:
        """Seconds to wait before the next attempt; None: raise the error, which then has its note.

        Args:
            over: the deadline ended the attempt.
        """
        wait, why = self._next(outcome_of_failure(error, self._now()), error, over=over)
        if wait is None:
            error.add_note(self._note(_REASONS[why]))
        return wait

    def returned(self, value: object) -> float | None:
        """Seconds to wait before the next attempt; None: the value is what there is."""
        outcome = outcome_of_response(value, self._now())
        return None if outcome is None else self._next(outcome, value)[0]

    def _next(self, outcome: Outcome, cause: object, *, over: bool = False) -> tuple[float | None, Why]:
        now, budget = self._clock.monotonic(), self._budget
        verdict = self._course.failed(
            outcome,
            now=max(now, self._deadline) if over else now,
            jitter=self._random(),
            may_retry=lambda _: budget is None or budget.has_room(now),
        )
        if not isinstance(verdict, SendAgain):
            return None, verdict.why if isinstance(verdict, GiveUp) else "no_candidate"
        if budget is not None:
            budget.withdraw(now)
        self._waited.append(verdict.wait)
        if self._on_retry is not None:
            self._on_retry(Retry(self._course.made, verdict.wait, cause))
        return verdict.wait, "final"

    def _note(self, reason: str) -> str:
        made = self._course.made
        spent = self._clock.monotonic() - self._began
        waits = f", after waits of {', '.join(f'{wait:.2f}' for wait in self._waited)} s" if made > 1 else ""
        made_text = f"{made} attempt{'s' * (made > 1)} in {spent:.2f} s{waits}"
        return f"call_with_retry: {made_text}; not repeated: {reason}."

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now_us() / 1e6, UTC)


async def _awaitable(value: Awaitable[T]) -> T:
    if not isawaitable(value):
        raise TypeError("Not a coroutine function: use `call_with_retry_sync(…)`.")
    return await value


async def _discard(value: object) -> None:
    """Give back the connection of an answer that is not used."""
    for name in ("aclose", "close"):
        close = getattr(value, name, None)
        if callable(close):
            closing = close()
            if isawaitable(closing):
                await closing
            return
