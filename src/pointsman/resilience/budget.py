"""A retry budget: so many retries per request, so that an outage does not become a storm.

As Finagle's ``RetryBudget`` and the retry throttling of gRPC (A6) do it: each request deposits a fraction of
a retry, each retry withdraws one, and a small reserve a second lets quiet traffic retry too.
"""

from __future__ import annotations

import msgspec


class BudgetPolicy(msgspec.Struct, frozen=True):
    share: float = 0.2
    """Retries that each request allows: 0.2 is one retry for five requests."""
    reserve: float = 1.0
    """Retries a second that are allowed besides, however few requests there are."""
    most: float = 100.0
    """The most that can be saved up."""


class RetryBudget:
    """How many retries a provider may be sent now. Starts with ten seconds' worth of reserve."""

    __slots__ = ("_at", "_balance", "_most", "_reserve", "_share")

    def __init__(self, policy: BudgetPolicy | None = None, now: float | None = None) -> None:
        """``now``: monotonic seconds; without it, its time begins when it is first asked."""
        policy = policy or BudgetPolicy()
        self._share = policy.share
        self._reserve = policy.reserve
        self._most = policy.most
        self._balance = min(policy.most, 10.0 * policy.reserve)
        self._at = now

    def deposit(self) -> None:
        """A first attempt is sent."""
        balance = self._balance + self._share
        self._balance = balance if balance < self._most else self._most

    def balance(self, now: float) -> float:
        """Retries that may be sent at ``now`` (monotonic seconds), with fractions."""
        if self._at is None:
            self._at = now
        if now <= self._at:
            return self._balance
        return min(self._most, self._balance + (now - self._at) * self._reserve)

    def has_room(self, now: float) -> bool:
        return self.balance(now) >= 1.0

    def withdraw(self, now: float) -> bool:
        """Take one retry; False, and nothing taken, where there is none."""
        balance = self.balance(now)
        self._at = now if self._at is None else max(now, self._at)
        allowed = balance >= 1.0
        self._balance = balance - 1.0 if allowed else balance
        return allowed
