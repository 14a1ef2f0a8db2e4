"""Which limits a request meets: those of its key, of the model, of the account and of the deployment.

What was configured comes from settings and stays; what was learned comes and goes (``learning.py``). Both are
put together once for each way that requests take, and again when something was learned.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from pointsman.limits.values.limit import NEVER, Dimension, Limit, Scope, ScopeKind, make_limit

MAX_WAYS = 16_384
"""A way is one key on one deployment. So many are remembered, at a thousand bytes each: those used last."""
MAX_DEPLOYMENTS = 1_000
"""A caller may choose a model's name freely, as PROVIDER/NAME: of so many something is kept."""

UNBOUNDED = 10**12
"""The amount of a learned limit that is only counted, should it turn out to be what is limited."""

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

Origin = Literal["headers", "message", "retry-after", "refusals"]
"""What a limit was learned from: told with an answer or a refusal, in figures; or found out by being refused,
with or without having been told how long to wait."""


class Ceilings(msgspec.Struct, frozen=True, gc=False):
    """What settings say of one scope. None: no limit."""

    rpm: int | None = None
    input_tpm: int | None = None
    output_tpm: int | None = None
    tpm: int | None = None
    concurrency: int | None = None
    window: Literal["refill", "rolling"] | None = None
    """None: as the provider's shape has it."""
    slack_us: int | None = None
    """None: as the provider's shape has it."""

    def amounts(self) -> list[tuple[Dimension, int]]:
        """Those that are set, in the order in which they are asked."""
        given = [(dimension, getattr(self, dimension)) for dimension in DIMENSIONS]
        return [(dimension, amount) for dimension, amount in given if amount is not None]


NO_CEILINGS = Ceilings()


class Shape(msgspec.Struct, frozen=True, gc=False):
    """How a provider counts a minute."""

    window: Literal["refill", "rolling"]
    slack_us: int


SHAPES: dict[str, Shape] = {
    "anthropic_messages": Shape("refill", 2_000_000),
    "openai_chat": Shape("rolling", 500_000),
}
"""By dialect. Anthropic documents a bucket that refills continuously; slack there only shortens bursts.
OpenAI does not say, and its headers look like such a bucket; a rolling window keeps within whatever it is:
who never exceeds the limit in any 60 seconds exceeds neither a bucket of that size nor a fixed minute. Its
slack costs its share of the limit."""
ANY_SHAPE = Shape("rolling", 500_000)
OURS = Shape("refill", 0)
"""Limits of keys are counted by nobody but us."""


class Learned(msgspec.Struct, frozen=True):
    """A limit that a deployment was found to have."""

    limit: Limit
    origin: Origin
    since_us: int
    """When it was learned, or last changed; monotonic."""
    seen_us: int
    """When it was last confirmed."""


class Way(msgspec.Struct, frozen=True):
    """The limits that one key's requests to one deployment meet."""

    limits: tuple[Limit, ...]
    """Those of the key first, for ``Reservation.split``."""
    keys: int
    """How many of them are the key's."""
    deployment: str
    """PROVIDER/MODEL, as the provider calls it: the name under which something is learned."""


class _Deployment:
    """The limits of one deployment as they are now."""

    __slots__ = ("learned", "limits", "version")

    def __init__(self) -> None:
        self.learned: dict[str, Learned] = {}
        self.limits: tuple[Limit, ...] = ()
        self.version = 0


class _Entry:
    """A way that was put together, and what from."""

    __slots__ = ("ceilings", "deployment", "version", "way")

    def __init__(self, way: Way, ceilings: Ceilings, deployment: _Deployment) -> None:
        self.way = way
        self.ceilings = ceilings
        self.deployment = deployment
        self.version = deployment.version


class LimitBook:
    """All limits, configured and learned.

    Args:
        configured: by scope. For a provider, and for its deployments, its shape is added.
        shapes: by provider's name; ``ANY_SHAPE`` for others.
    """

    def __init__(
        self,
        configured: Mapping[Scope, Ceilings] | None = None,
        shapes: Mapping[str, Shape] | None = None,
        most_ways: int = MAX_WAYS,
    ) -> None:
        self.version = 0
        """Grows whenever a limit changes: for whoever keeps a ``Way``."""
        self._shapes = dict(shapes or {})
        self._configured = {
            scope: self._make(scope, ceilings) for scope, ceilings in (configured or {}).items()
        }
        self._deployments: dict[str, _Deployment] = {}
        self._most_ways = most_ways
        self._ways: OrderedDict[tuple[str, str, str, str], _Entry] = OrderedDict()

    def way(
        self,
        provider: str,
        model: str,
        upstream_model: str,
        key: str = "",
        ceilings: Ceilings = NO_CEILINGS,
    ) -> Way:
        """What a request meets.

        Args:
            provider: the account's name.
            model: the catalog's id, wherever it is had.
            upstream_model: what this provider calls it.
            key: id of the virtual key; "" without one.
            ceilings: the key's own.
        """
        place = (provider, model, upstream_model, key)
        known = self._ways.get(place)
        if (
            known is not None
            and known.version == known.deployment.version
            and (known.ceilings is ceilings or known.ceilings == ceilings)
        ):
            self._ways.move_to_end(place)
            return known.way
        if known is None and len(self._ways) >= self._most_ways:
            self._ways.popitem(last=False)
        name = f"{provider}/{upstream_model}"
        own = self._make(Scope("key", key), ceilings) if key else ()
        deployment = self._deployment(name)
        shared = (*self._scope("model", model), *self._scope("provider", provider))
        way = Way((*own, *shared, *deployment.limits), len(own), name)
        self._ways[place] = _Entry(way, ceilings, deployment)
        return way

    def limits_for(
        self,
        provider: str,
        model: str,
        upstream_model: str,
        key: str = "",
        ceilings: Ceilings = NO_CEILINGS,
    ) -> tuple[Limit, ...]:
        """As ``way``, where only the limits are of interest."""
        return self.way(provider, model, upstream_model, key, ceilings).limits

    def shape_of(self, deployment: str) -> Shape:
        """How the provider of PROVIDER/MODEL counts."""
        return self._shapes.get(deployment.partition("/")[0], ANY_SHAPE)

    def configured(self, deployment: str) -> dict[Dimension, Limit]:
        """What settings say of a deployment itself."""
        return {limit.dimension: limit for limit in self._scope("deployment", deployment)}

    def learned(self, deployment: str) -> list[Learned]:
        """What was learned of a deployment."""
        known = self._deployments.get(deployment)
        return list(known.learned.values()) if known is not None else []

    def all_learned(self) -> list[Learned]:
        """For people to look at: without those that hold nothing back."""
        return [
            found
            for known in self._deployments.values()
            for found in known.learned.values()
            if found.limit.amount < UNBOUNDED
        ]

    def learn(self, deployment: str, learned: Learned) -> None:
        """Let a learned limit hold from now on, instead of the one that had its id before."""
        known = self._deployment(deployment)
        before = known.learned.get(learned.limit.id)
        known.learned[learned.limit.id] = learned
        if before is None or before.limit != learned.limit:
            self._put_together(deployment, known)

    def of_deployment(self, deployment: str) -> tuple[Limit, ...]:
        """The limits of a deployment that hold now, for everybody."""
        known = self._deployments.get(deployment)
        return () if known is None else known.limits

    def all_limits(self) -> list[Limit]:
        """All that hold for anybody, to be looked at: configured, learned, and of keys that were used."""
        found = {limit.id: limit for limits in self._configured.values() for limit in limits}
        for entry in self._ways.values():
            found.update((limit.id, limit) for limit in entry.way.limits[: entry.way.keys])
        for known in self._deployments.values():
            found.update((limit.id, limit) for limit in known.limits if limit.amount < UNBOUNDED)
        return list(found.values())

    def confirm(self, deployment: str, limit: Limit, origin: Origin | None, now_us: int) -> None:
        """As ``learn``, where what was known of the same limit goes on: since when, and from what."""
        known = self._deployments.get(deployment)
        before = known.learned.get(limit.id) if known is not None else None
        same = before is not None and before.limit == limit
        since_us = before.since_us if before is not None and same else now_us
        source = origin or (before.origin if before is not None else "refusals")
        self.learn(deployment, Learned(limit, source, since_us, now_us))

    def limit_of(self, deployment: str, dimension: Dimension) -> Limit | None:
        """The limit of a deployment that holds now."""
        known = self._deployments.get(deployment)
        if known is None:
            return None
        return next((limit for limit in known.limits if limit.id == f"{limit.scope}/{dimension}"), None)

    def forget(self, deployment: str, limit_id: str) -> None:
        """Let a learned limit no longer hold."""
        known = self._deployments.get(deployment)
        if known is not None and known.learned.pop(limit_id, None) is not None:
            self._put_together(deployment, known)

    def _deployment(self, name: str) -> _Deployment:
        known = self._deployments.get(name)
        if known is None:
            if len(self._deployments) >= MAX_DEPLOYMENTS:
                self._make_room()
            known = self._deployments[name] = _Deployment()
            known.limits = self._scope("deployment", name)
        return known

    def _make_room(self) -> None:
        """Forget the deployments of which nothing was learned, and half of the others if need be."""
        kept = [(name, known) for name, known in self._deployments.items() if known.learned]
        self._deployments = dict(kept[-MAX_DEPLOYMENTS // 2 :])
        self._ways.clear()

    def _put_together(self, name: str, known: _Deployment) -> None:
        """Configured wins over learned for the same dimension, unless the provider allows less than that. So
        does what is configured of the model, which counts all of the calls that are made here."""
        configured = self.configured(name)
        of_model = {limit.dimension: limit.amount for limit in self._scope("model", name.partition("/")[2])}
        limits = dict(configured)
        others: list[Limit] = []
        for learned in known.learned.values():
            limit = learned.limit
            if limit.id != f"{limit.scope}/{limit.dimension}":
                others.append(limit)
            elif of_model.get(limit.dimension, NEVER) <= limit.amount < UNBOUNDED:
                continue
            elif limit.dimension not in limits or limit.amount < limits[limit.dimension].amount:
                limits[limit.dimension] = limit
        known.limits = (*(limits[name] for name in DIMENSIONS if name in limits), *others)
        known.version += 1
        self.version += 1

    def _scope(self, kind: ScopeKind, name: str) -> tuple[Limit, ...]:
        return self._configured.get(Scope(kind, name), ())

    def _make(self, scope: Scope, ceilings: Ceilings) -> tuple[Limit, ...]:
        if scope.kind == "key":
            shape = OURS
        else:
            shape = ANY_SHAPE if scope.kind == "model" else self.shape_of(scope.name)
        window = ceilings.window or shape.window
        slack_us = shape.slack_us if ceilings.slack_us is None else ceilings.slack_us
        return tuple(
            make_limit(scope, dimension, amount, window=window, slack_us=slack_us)
            for dimension, amount in ceilings.amounts()
        )


def deployment_scope(deployment: str) -> Scope:
    return Scope("deployment", deployment)
