"""Watches whether traffic still fits the certificates in service, and withdraws those that it does not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

import msgspec

from pointsman.routing.cascade.watched import DRIFTED, watched
from pointsman.routing.decision import Decision
from pointsman.routing.evidence.certificate import Certificate
from pointsman.routing.evidence.drift import DriftAlarm, DriftMonitor, DriftState
from pointsman.routing.judgement import Judgement, choose

from .routing_metrics import RoutingMetrics

_log = logging.getLogger("pointsman.routing")


class Certified(Protocol):
    """Certificates in service."""

    def certificate(self, route: str) -> Certificate | None:
        """In force; None if there is none."""
        ...

    def withdraw(self, route: str, why: str) -> bool:
        """End it; whether it was in force until now. Never waits."""
        ...


class DriftWatch:
    """One monitor for each certificate in service.

    Args:
        before: what was seen before a restart, by the ids of certificates; as ``states`` told it, in JSON.
    """

    def __init__(
        self, certified: Certified, metrics: RoutingMetrics, before: Mapping[str, bytes] | None = None
    ) -> None:
        self._certified = certified
        self._metrics = metrics
        self._before = dict(before or {})
        self._monitors: dict[str, tuple[str, DriftMonitor]] = {}

    def states(self) -> Mapping[str, DriftState]:
        """What was seen, by the ids of certificates in force."""
        in_force = {route: self._certified.certificate(route) for route in self._monitors}
        return {
            known[0]: known[1].state()
            for route, known in self._monitors.items()
            if (certificate := in_force[route]) is not None and certificate.id == known[0]
        }

    def decided(self, decision: Decision) -> None:
        """Any request of a learned route or a cascade, whichever model answers it."""
        if decision.policy == "cascade":
            self._believed(decision)
            return
        if decision.judgement is None or decision.policy != "learned":
            return
        monitor = self._monitor(decision.route)
        if monitor is not None:
            self._heed(decision.route, monitor.observe_traffic(decision.judgement))

    def _believed(self, decision: Decision) -> None:
        """A cascade that a certificate let ask cheap models, and what came of it."""
        seen = watched(decision.cascade) if decision.certificate else None
        monitor = None if seen is None else self._monitor(decision.route)
        if seen is None or monitor is None:
            return
        alarm = monitor.observe_traffic(seen)
        if alarm is not None:
            self._heed(decision.route, msgspec.structs.replace(alarm, reason=DRIFTED))

    def graded(self, decision: Decision, scores: Mapping[str, float]) -> None:
        """Scores by model for a request that was drawn by chance, whoever answered it. What counts is that of
        the model which the certificate speaks of, or of the cascade, beside the baseline's."""
        certificate, models = self._certified.certificate(decision.route), decision.models
        if certificate is None:
            return
        if decision.policy == "cascade":
            model = certificate.router  # its digest: what the whole of it would have said
        elif decision.judgement is None or set(models) != set(certificate.pool):
            return
        else:
            model = models[_certified_position(decision.judgement, models, certificate)]
        monitor = self._monitor(decision.route)
        if monitor is not None and model in scores and models[-1] in scores:
            self._heed(decision.route, monitor.observe_label(scores[model], scores[models[-1]]))

    def _monitor(self, route: str) -> DriftMonitor | None:
        certificate = self._certified.certificate(route)
        if certificate is None:
            return None
        known = self._monitors.get(route)
        if known is None or known[0] != certificate.id:
            state = _state_of(self._before.pop(certificate.id, b""))
            known = self._monitors[route] = (certificate.id, DriftMonitor(certificate, state))
        return known[1]

    def _heed(self, route: str, alarm: DriftAlarm | None) -> None:
        if alarm is None:
            return
        self._monitors.pop(route, None)  # who puts it in service again has it watched from the start
        if not self._certified.withdraw(route, alarm.reason):
            return
        self._metrics.alarmed(route)
        _log.warning(
            "[auto.%s] goes to its baseline: its certificate is withdrawn after %d observations. %s",
            route,
            alarm.observations,
            alarm.reason,
        )


def _state_of(kept: bytes) -> DriftState | None:
    """None where there is none that can be read."""
    try:
        return msgspec.json.decode(kept, type=DriftState) if kept else None
    except msgspec.DecodeError:
        return None


def _certified_position(judgement: Judgement, models: tuple[str, ...], certificate: Certificate) -> int:
    if judgement.familiarity < certificate.min_familiarity:
        return len(models) - 1
    costs = tuple(certificate.costs[certificate.pool.index(model)] for model in models)
    return choose(judgement.losses, costs, certificate.threshold)
