"""Where a request can go, in the order in which it is tried, and where it goes next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter

from pointsman.errors import PointsmanError, RateLimited
from pointsman.resilience import (
    Course,
    Health,
    Next,
    Outcome,
    Place,
    Remedy,
    RetryPolicy,
    SendAgain,
    affinity,
    least_busy,
    outcome_of,
    prefix_digest,
    weighted,
)

from .values import Plan, Route, Stage

PREFIX_BYTES = 2048
"""What begins a conversation begins each of its later requests too: so much of it tells them apart."""


class Candidates:
    """The routes of one request. ``here`` is the position of the one that it is at."""

    __slots__ = ("_course", "_deadline", "_policy", "ends", "here", "routes")

    def __init__(
        self, routes: tuple[Route, ...], ends: tuple[int, ...], policy: RetryPolicy, deadline: float
    ) -> None:
        """
        Args:
            ends: of each stage of equals: the position behind its last route.
            deadline: of the whole request; monotonic seconds.
        """
        self.routes = routes
        self.ends = ends
        self.here = 0
        self._policy = policy
        self._deadline = deadline
        self._course: Course | None = None

    @property
    def route(self) -> Route:
        return self.routes[self.here]

    def equals(self) -> Iterator[int]:
        """Positions of those behind ``here`` that may serve it just as well."""
        if len(self.routes) == 1:
            return iter(())
        return iter(range(self.here + 1, next(end for end in self.ends if end > self.here)))

    def is_retry(self) -> bool:
        """Whether the provider that it is at has had this request before."""
        return self._course is not None and self._course.is_retry(self.here)

    def failed(
        self, error: PointsmanError, health: Health, now: float, jitter: float, *, sent: bool = True
    ) -> float | None:
        """An attempt where it is failed before anything of it reached the client. Moves on if that helps.

        Args:
            sent: the provider was asked; otherwise it was we who could not send it there.

        Returns:
            Seconds to wait before it is tried at ``here``; None to give up.
        """
        course = self._course
        if course is None:
            course = self._course = Course(self._places(), self._policy, self._deadline)
        course.here = self.here
        verdict = course.failed(
            # a queue of ours that it cannot wait in is not to be tried again, but another may be shorter
            Outcome(Remedy.ELSEWHERE) if isinstance(error, RateLimited) else outcome_of(error),
            now=now,
            jitter=jitter,
            healthy=lambda position: self._healthy(position, health, now),
            may_retry=lambda provider: health.provider(provider, now).budget.has_room(now),
            sent=sent,
        )
        self.here = course.here
        return verdict.wait if isinstance(verdict, SendAgain | Next) else None

    def _places(self) -> list[Place]:
        return [
            Place(route.provider.name, None if route.model is None else route.model.context_window)
            for route in self.routes
        ]

    def _healthy(self, position: int, health: Health, now: float) -> bool:
        route = self.routes[position]
        return health.deployment(route.deployment, route.provider.name, now).healthy(now)


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
) -> Candidates:
    """In the order of the stages, and within each as it is balanced; those that their breakers leave alone come
    behind all others, the soonest to be ready first.

    Args:
        body, key: of the request; the beginning of a prompt is only taken for the same within a key.
        policy: where the plan has none of its own.
        deadline, now: monotonic seconds.
        random: a number in [0, 1).
    """
    if not plan.stages:
        return Candidates((plan.route,), (1,), policy, deadline)
    routes: list[Route] = []
    ends: list[int] = []
    resting: list[tuple[float, Route]] = []
    for stage in plan.stages:
        before = len(routes)
        for route in _balanced(stage, body, key, health, now, random):
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
    stage: Stage, body: bytes, key: str, health: Health, now: float, random: Callable[[], float]
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
    return [stage.routes[position] for position in order]
