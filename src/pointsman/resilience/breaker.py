"""A circuit breaker: a deployment that keeps failing is left alone for a while, then tried with a few calls.

    closed     counts; opens where the rate of failures reaches ``threshold`` over at least ``volume`` calls
    open       asks to be left alone; half-open when its time is over
    half-open  lets ``probes`` calls through at a time; closes after ``successes``, opens at one failure

Calls are weighed by their age, exp(-age / window), so that one sum for all calls and one for failures hold
what a list of every call would tell. Each opening lasts twice as long as the last, unless it was closed for
as long as the longest opening in between.

Whoever begins a call gets the breaker's *epoch* and gives it back with the result. Every change of state
begins a new epoch, so that a call from before it (a slow failure, say, of a request sent when all was well)
changes nothing. Nothing here reads a clock or rolls dice: ``now`` is monotonic seconds, ``jitter`` in [0, 1).
"""

from __future__ import annotations

from math import exp
from typing import Literal

import msgspec

State = Literal["closed", "open", "half_open"]

UNCOUNTED = -1
"""The epoch of a call that was sent although the breaker asked not to: its result changes nothing."""


class BreakerPolicy(msgspec.Struct, frozen=True):
    """When to open, and for how long. Times in seconds."""

    threshold: float = 0.25
    """Rate of failures at which it opens."""
    volume: float = 10.0
    """Calls within the window, weighed by age, below which it never opens."""
    window: float = 30.0
    """Age at which a call counts 1/e."""
    open_for: float = 5.0
    """Length of the first opening."""
    open_most: float = 120.0
    probes: int = 2
    """Calls under way at the same time while half-open."""
    successes: int = 3
    """Calls in a row that must succeed before it closes."""
    probe_patience: float = 30.0
    """A probe that has not ended after this long gives up its place to another."""


class Breaker:
    """The breaker of one deployment."""

    __slots__ = (
        "_at",
        "_calls",
        "_closed_at",
        "_failures",
        "_half_open",
        "_openings",
        "_policy",
        "_probed_at",
        "_probing",
        "_succeeded",
        "_until",
        "epoch",
    )

    def __init__(self, policy: BreakerPolicy, now: float) -> None:
        self._policy = policy
        self.epoch = 0
        self._at = now
        self._calls = 0.0
        self._failures = 0.0
        self._until = 0.0
        """When the opening ends, or ended; 0.0 while closed."""
        self._openings = 0
        """In a row, without a quiet time in between."""
        self._closed_at = now
        self._half_open = False
        self._probing = 0
        self._probed_at = 0.0
        self._succeeded = 0

    def state(self, now: float) -> State:
        if self._until == 0.0:
            return "closed"
        return "open" if now < self._until else "half_open"

    @property
    def rate(self) -> float | None:
        """The rate of failures among what it has counted since it closed; None where that is nothing."""
        return self._failures / self._calls if self._calls > 0.0 else None

    def ready_in(self, now: float) -> float:
        """Seconds until it lets a call through: 0.0 now."""
        if self._until == 0.0:
            return 0.0
        if now < self._until:
            return self._until - now
        if not self._half_open or self._probing < self._policy.probes:
            return 0.0
        return max(0.0, self._probed_at + self._policy.probe_patience - now)

    def begin(self, now: float) -> int:
        """A call is sent: the epoch to report its end with, or ``UNCOUNTED`` where it was not let through."""
        if self._until == 0.0:
            return self.epoch
        if self.ready_in(now) > 0.0:
            return UNCOUNTED
        if not self._half_open:
            self._half_open = True
            self._probing = self._succeeded = 0
            self.epoch += 1
        self._probing = min(self._probing + 1, self._policy.probes)
        self._probed_at = now
        return self.epoch

    def succeed(self, epoch: int, now: float) -> None:
        if epoch != self.epoch:
            return
        if self._half_open:
            self.cancel(epoch)
            self._succeeded += 1
            if self._succeeded >= self._policy.successes:
                self._close(now)
            return
        if now > self._at:
            fade = exp((self._at - now) / self._policy.window)
            self._at = now
            self._calls *= fade
            self._failures *= fade
        self._calls += 1.0

    def fail(self, epoch: int, now: float, jitter: float) -> None:
        """``jitter`` spreads the end of an opening, so that replicas do not probe in step."""
        if epoch != self.epoch:
            return
        if self._half_open:
            self._open(now, jitter)
            return
        self.succeed(epoch, now)
        self._failures += 1.0
        policy = self._policy
        if self._calls >= policy.volume and self._failures >= policy.threshold * self._calls:
            self._open(now, jitter)

    def cancel(self, epoch: int) -> None:
        """The call ended with nothing to say about the deployment."""
        if epoch == self.epoch and self._half_open:
            self._probing = max(0, self._probing - 1)

    def _open(self, now: float, jitter: float) -> None:
        policy = self._policy
        quiet = not self._half_open and now - self._closed_at >= policy.open_most
        self._openings = 1 if quiet else self._openings + 1
        length = min(policy.open_most, policy.open_for * 2.0 ** min(self._openings - 1, 60))
        self._until = now + length * (1.0 + 0.5 * jitter)
        self._half_open = False
        self.epoch += 1

    def _close(self, now: float) -> None:
        self._until = 0.0
        self._half_open = False
        self._calls = self._failures = 0.0
        self._at = self._closed_at = now
        self.epoch += 1
