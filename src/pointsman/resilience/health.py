"""What is known of each deployment (breaker, latency, what is in flight) and of each provider (retry budget).

Bounded: names can come from callers (a model that only the provider knows), so beyond ``most`` deployments
the oldest idle one is forgotten. ``now`` is monotonic seconds throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from pointsman.errors import PointsmanError

from .balance import Standing
from .breaker import Breaker, BreakerPolicy
from .budget import BudgetPolicy, RetryBudget
from .hedge import HedgePolicy, hedge_after, hedge_budget
from .latency import Latency
from .outcome import speaks_ill


class HealthPolicy(msgspec.Struct, frozen=True):
    breaker: BreakerPolicy = BreakerPolicy()
    budget: BudgetPolicy = BudgetPolicy()
    hedge: HedgePolicy | None = None
    """None: nothing is hedged."""
    most: int = 4096
    """Deployments, and providers, that are remembered."""


class ProviderHealth:
    """An account at a provider."""

    __slots__ = ("budget", "hedges", "name")

    def __init__(self, name: str, policy: HealthPolicy, now: float) -> None:
        self.name = name
        self.budget = RetryBudget(policy.budget, now)
        self.hedges = None if policy.hedge is None else hedge_budget(policy.hedge, now)


class DeploymentHealth:
    """A model at a provider."""

    __slots__ = ("breaker", "in_flight", "key", "latency", "provider")

    def __init__(self, key: str, provider: ProviderHealth, policy: HealthPolicy, now: float) -> None:
        self.key = key
        self.provider = provider
        self.breaker = Breaker(policy.breaker, now)
        self.latency = Latency(now)
        self.in_flight = 0

    def begin(self, now: float, *, retry: bool = False) -> Ticket:
        """An attempt is sent there. End it with one of the ticket's ``succeed``, ``fail``, ``cancel``: the
        first one counts.

        Args:
            retry: the provider has had this request before (``Course.is_retry``).
        """
        if retry:
            self.provider.budget.withdraw(now)
        else:
            provider = self.provider
            provider.budget.deposit()
            if provider.hedges is not None:
                provider.hedges.deposit()
        self.in_flight += 1
        return Ticket(self, self.breaker.begin(now))

    def standing(self, now: float, weight: float = 1.0) -> Standing:
        return Standing(self.key, weight, self.in_flight, self.breaker.ready_in(now))

    def healthy(self, now: float) -> bool:
        return self.breaker.ready_in(now) <= 0.0


class Ticket(msgspec.Struct, eq=False):
    """An attempt under way."""

    _deployment: DeploymentHealth
    _epoch: int
    _ended: bool = False
    _told: bool = False

    def first_byte(self, now: float, ttft: float) -> None:
        """A stream has begun, ``ttft`` seconds after it was sent: said early, so that a probe does not wait
        for its end. ``succeed`` then says nothing more about it; ``fail`` still counts."""
        if not (self._told or self._ended):
            self._told = True
            deployment = self._deployment
            deployment.breaker.succeed(self._epoch, now)
            deployment.latency.observe(ttft, now)

    def succeed(self, now: float, ttft: float) -> None:
        """It ended well. ``ttft``: seconds to the first token, or to a whole answer."""
        if self._ended:
            return
        self._ended = True
        deployment = self._deployment
        deployment.in_flight -= 1
        if not self._told:
            deployment.breaker.succeed(self._epoch, now)
            deployment.latency.observe(ttft, now)

    def fail(self, error: PointsmanError, now: float, jitter: float) -> None:
        """It failed; whether that speaks against the deployment is for ``outcome.py`` to say."""
        if self._ended:
            return
        if speaks_ill(error):
            self._end()
            self._deployment.breaker.fail(self._epoch, now, jitter)
        else:
            self.cancel()

    def cancel(self) -> None:
        """It ended without telling anything about the deployment: the client left, a hedge was lost."""
        if not self._ended:
            self._end()
            if not self._told:
                self._deployment.breaker.cancel(self._epoch)

    def _end(self) -> None:
        self._ended = True
        self._deployment.in_flight -= 1


class Health:
    """All deployments and providers, by name."""

    __slots__ = ("_deployments", "_policy", "_providers")

    def __init__(self, policy: HealthPolicy | None = None) -> None:
        self._policy = policy or HealthPolicy()
        self._deployments: dict[str, DeploymentHealth] = {}
        self._providers: dict[str, ProviderHealth] = {}

    def deployment(self, key: str, provider: str, now: float) -> DeploymentHealth:
        """What is known of it; made when first asked for. ``key`` names one provider's model."""
        known = self._deployments.get(key)
        return known if known is not None else self._add(key, provider, now)

    def provider(self, name: str, now: float) -> ProviderHealth:
        known = self._providers.get(name)
        if known is None:
            if len(self._providers) >= self._policy.most:
                del self._providers[next(iter(self._providers))]
            known = self._providers[name] = ProviderHealth(name, self._policy, now)
        return known

    def __len__(self) -> int:
        return len(self._deployments)

    def __iter__(self) -> Iterator[DeploymentHealth]:
        """Every deployment that is remembered."""
        return iter(list(self._deployments.values()))

    def _add(self, key: str, provider: str, now: float) -> DeploymentHealth:
        added = DeploymentHealth(key, self.provider(provider, now), self._policy, now)
        if len(self._deployments) >= self._policy.most:
            idle = next((one for one in islice(self._deployments.values(), 100) if not one.in_flight), None)
            if idle is None:
                return added  # used, but not remembered
            del self._deployments[idle.key]
        self._deployments[key] = added
        return added

    def hedge_after(
        self, first: DeploymentHealth, second: DeploymentHealth, now: float, *, repeatable: bool
    ) -> float | None:
        """Seconds of silence of ``first`` after which ``second`` is asked too; None: not for this request.
        Whoever does it calls ``take_hedge`` first, which can say no in the meantime."""
        hedges = first.provider.hedges
        if self._policy.hedge is None or hedges is None:
            return None
        return hedge_after(
            first.latency,
            self._policy.hedge,
            hedges_left=hedges.has_room(now),
            retries_left=second.provider.budget.has_room(now),
            repeatable=repeatable,
            others=second is not first and second.healthy(now),
        )

    def take_hedge(self, first: DeploymentHealth, second: DeploymentHealth, now: float) -> bool:
        """The time has come: whether there is still room for it. Then ``second.begin(now, retry=True)``."""
        hedges = first.provider.hedges
        return hedges is not None and second.provider.budget.has_room(now) and hedges.withdraw(now)
