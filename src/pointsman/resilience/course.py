"""The course of one request over its candidates: what was tried, what is ruled out, and so what comes next.

Made when a first attempt fails, so that a request that succeeds at once never pays for it. It holds no clock
and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from .decide import Candidate, Continue, Next, Verdict, decide
from .outcome import Outcome, Remedy
from .retry import RetryPolicy


class Place(msgspec.Struct, frozen=True, gc=False):
    """A candidate as the plan knows it."""

    provider: str
    """The account that is asked: what its key or quota forbids is forbidden for all places of that name."""
    window: int | None = None
    """Context window in tokens; None: not known."""


class Course:
    """Begins at ``places[0]``. After each failed attempt ``failed`` says what comes next."""

    __slots__ = ("_deadline", "_not_before", "_places", "_policy", "_ruled_out", "_tries", "here", "made")

    def __init__(self, places: Sequence[Place], policy: RetryPolicy, deadline: float) -> None:
        self._places = places
        self._policy = policy
        self._deadline = deadline
        self._tries = [0] * len(places)
        self._not_before = [0.0] * len(places)
        self._ruled_out = [False] * len(places)
        self.here = 0
        """Position of the place where the last attempt was made, or the next one is."""
        self.made = 0
        """Attempts that have failed."""

    def failed(
        self,
        outcome: Outcome,
        *,
        now: float,
        jitter: float,
        healthy: Callable[[int], bool] = lambda _: True,
        may_retry: Callable[[str], bool] = lambda _: True,
        forwarded: bool = False,
        sent: bool = True,
    ) -> Verdict:
        """The attempt at ``here`` ended with ``outcome``.

        Args:
            now: monotonic seconds.
            jitter: a random number in [0, 1).
            healthy: whether the breaker of the place at a position lets requests through.
            may_retry: whether a provider's retry budget has room. Whoever follows a verdict that sends to a
                provider which has had the request before (``is_retry``) withdraws from that budget.
            forwarded: something of the answer has reached the client.
            sent: the provider was asked. What was found out before that is no attempt.
        """
        here = self.here
        if sent:
            self.made += 1
            self._tries[here] += 1
        self._not_before[here] = 0.0 if outcome.retry_after is None else now + outcome.retry_after
        if outcome.remedy is not Remedy.AGAIN:
            self._rule_out(here, outcome.provider_wide)
        verdict = decide(
            outcome,
            [
                Candidate(
                    window=place.window,
                    healthy=healthy(index),
                    tries=self._tries[index],
                    may_retry=not self.is_retry(index) or may_retry(place.provider),
                    not_before=self._not_before[index],
                    ruled_out=self._ruled_out[index],
                )
                for index, place in enumerate(self._places)
            ],
            here,
            made=self.made,
            policy=self._policy,
            deadline=self._deadline,
            now=now,
            jitter=jitter,
            forwarded=forwarded,
        )
        if isinstance(verdict, Next | Continue):
            self.here = verdict.index
        return verdict

    def is_retry(self, index: int) -> bool:
        """The provider of that place has had this request before."""
        provider = self._places[index].provider
        return any(
            tries and place.provider == provider
            for tries, place in zip(self._tries, self._places, strict=True)
        )

    def rule_out(self, index: int) -> None:
        """It cannot take this request, whatever else happens."""
        self._ruled_out[index] = True

    def ruled_out(self, index: int) -> bool:
        return self._ruled_out[index]

    def _rule_out(self, here: int, provider_wide: bool) -> None:
        provider = self._places[here].provider
        for index, place in enumerate(self._places):
            if index == here or (provider_wide and place.provider == provider):
                self._ruled_out[index] = True
