"""Where a request can go, in the order in which it is tried, and where it goes next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter

import msgspec

from pointsman.errors import PointsmanError, RateLimited
from pointsman.resilience import (
    Continue,
    Course,
    GiveUp,
    Health,
    Next,
    Outcome,
    Place,
    Remedy,
    RetryPolicy,
    SendAgain,
    Verdict,
    affinity,
    hold,
    least_busy,
    outcome_of,
    prefix_digest,
    weighted,
)

from .refusal import Refused
from .values import Plan, Route, Stage

PREFIX_BYTES = 2048
"""What begins a conversation begins each of its later requests too: so much of it tells them apart."""


_SPENT = frozenset({"attempts", "budget", "deadline"})


class Candidates(msgspec.Struct, eq=False):
    """The routes of one request. ``here`` is the position of the one that it is at."""

    routes: tuple[Route, ...]
    ends: tuple[int, ...]
    """Of each stage of equals: the position behind its last route."""
    policy: RetryPolicy
    deadline: float
    """Of the whole request; monotonic seconds."""
    here: int = 0
    before: int = 0
    """Attempts that were made elsewhere first, as a cascade does, and that the policy does not count."""
    hedging: bool = False
    """What is sent next is a second attempt beside one that is under way."""
    refused: Refused | None = None
    """The last answer that was a refusal, in case nobody has another."""
    spent: bool = False
    """It ended since no further attempt was allowed, however much one might have helped."""
    _course: Course | None = None

    @property
    def route(self) -> Route:
        return self.routes[self.here]

    def equals(self) -> Iterator[int]:
        """Positions of those behind ``here`` that may serve it just as well."""
        if len(self.routes) == 1:
            return iter(())
        return iter(range(self.here + 1, next(end for end in self.ends if end > self.here)))

    def is_retry(self) -> bool:
        """Whether the provider that it is at has had this request before, or it is one too many anyway."""
        return self.hedging or (self._course is not None and self._course.is_retry(self.here))

    def others(self) -> Iterator[int]:
        """Positions of those that can be asked beside the one at ``here``: its equals before all others."""
        here, course = self.here, self._course
        start, end = 0, len(self.routes)
        for stop in self.ends:
            if stop > here:
                end = stop
                break
            start = stop
        for position in (*range(start, end), *range(end, len(self.routes))):
            if position != here and not (course is not None and course.ruled_out(position)):
                yield position

    def has_attempts(self, made: int) -> bool:
        """Whether the policy allows another one."""
        return made - self.before < self.policy.attempts

    def can_move(self, made: int) -> bool:
        """Whether there is another one to go to after so many attempts."""
        return len(self.routes) > 1 and self.has_attempts(made) and next(self.others(), None) is not None

    def failed(
        self, error: PointsmanError, health: Health, now: float, jitter: float, *, sent: bool = True
    ) -> float | None:
        """An attempt where it is failed before anything of it reached the client. Moves on if that helps.

        Args:
            sent: the provider was asked; otherwise it was we who could not send it there.

        Returns:
            Seconds to wait before it is tried at ``here``; None to give up.
        """
        verdict = self._decide(_outcome(error), health, now, jitter, sent=sent)
        self.spent = isinstance(verdict, GiveUp) and verdict.why in _SPENT
        return verdict.wait if isinstance(verdict, SendAgain | Next) else None

    def go_on(
        self,
        error: PointsmanError,
        health: Health,
        now: float,
        jitter: float,
        can: Callable[[Route], bool],
        *,
        sent: bool = True,
    ) -> bool:
        """A stream broke where it is, or could not be gone on with there, after something of it had reached
        the client. Moves to one that can go on with it.

        Args:
            can: whether one along that route could.
            sent: as in ``failed``.
        """
        course = self._course = self._course or Course(self._places(), self.policy, self.deadline)
        for position, route in enumerate(self.routes):
            if not can(route):
                course.rule_out(position)
        outcome = msgspec.structs.replace(_outcome(error), broke=True)
        verdict = self._decide(outcome, health, now, jitter, sent=sent, forwarded=True)
        return isinstance(verdict, Continue)

    def _decide(
        self,
        outcome: Outcome,
        health: Health,
        now: float,
        jitter: float,
        *,
        sent: bool,
        forwarded: bool = False,
    ) -> Verdict:
        course = self._course = self._course or Course(self._places(), self.policy, self.deadline)
        course.here = self.here
        if not sent and outcome.remedy is Remedy.AGAIN:
            outcome = Outcome(Remedy.NOTHING)  # it is we who are in trouble, and no attempt will end that
        verdict = course.failed(
            outcome,
            now=now,
            jitter=jitter,
            healthy=lambda position: self._healthy(position, health, now),
            may_retry=lambda provider: health.provider(provider, now).budget.has_room(now),
            forwarded=forwarded,
            sent=sent,
        )
        self.here = course.here
        return verdict

    def _places(self) -> list[Place]:
        return [
            Place(route.provider.name, None if route.model is None else route.model.context_window)
            for route in self.routes
        ]

    def _healthy(self, position: int, health: Health, now: float) -> bool:
        route = self.routes[position]
        return health.deployment(route.deployment, route.provider.name, now).healthy(now)


def _outcome(error: PointsmanError) -> Outcome:
    """A queue of ours that it cannot wait in is not to be tried again, but another may be shorter."""
    return Outcome(Remedy.ELSEWHERE) if isinstance(error, RateLimited) else outcome_of(error)


def candidates(
    plan: Plan,
    body: bytes,
    key: str,
    *,
    health: Health,
    policy: RetryPolicy,
    deadline: float,
    now: float,
    random: Callable[[], float],
    holder: str = "",
) -> Candidates:
    """In the order of the stages, and within each as it is balanced; those that their breakers leave alone
    come behind all others, the soonest to be ready first.

    Args:
        body, key: of the request; the beginning of a prompt is only taken for the same within a key.
        policy: where the plan has none of its own.
        deadline, now: monotonic seconds.
        random: a number in [0, 1).
        holder: deployment that has the beginning of the prompt in its cache, where one is known to.
    """
    if not plan.stages:
        return Candidates((plan.route,), (1,), policy, deadline)
    routes: list[Route] = []
    ends: list[int] = []
    resting: list[tuple[float, Route]] = []
    for stage in plan.stages:
        before = len(routes)
        for route in _balanced(stage, body, key, health, now, random, holder):
            ready_in = health.deployment(route.deployment, route.provider.name, now).breaker.ready_in(now)
            if ready_in > 0.0:
                resting.append((ready_in, route))
            else:
                routes.append(route)
        if len(routes) > before:
            ends.append(len(routes))
    for _, route in sorted(resting, key=itemgetter(0)):
        routes.append(route)
        ends.append(len(routes))
    return Candidates(tuple(routes), tuple(ends), plan.retries or policy, deadline)


def _balanced(
    stage: Stage,
    body: bytes,
    key: str,
    health: Health,
    now: float,
    random: Callable[[], float],
    holder: str,
) -> list[Route]:
    if len(stage.routes) == 1:
        return [stage.routes[0]]
    standings = [
        health.deployment(route.deployment, route.provider.name, now).standing(now, weight)
        for route, weight in zip(stage.routes, stage.weights, strict=True)
    ]
    if stage.balance == "least_busy":
        order = least_busy(standings)
    elif stage.balance == "prefix":
        order = affinity(standings, prefix_digest(key.encode(), body[:PREFIX_BYTES]))
    else:
        order = weighted(standings, random)
    if holder:
        for position, route in enumerate(stage.routes):
            if route.deployment == holder:
                order = hold(standings, order, position)
    return [stage.routes[position] for position in order]
