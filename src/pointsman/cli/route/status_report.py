"""What ``pointsman route status`` shows. Pure: facts in, text and data out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pointsman.cli.usage.report import iso
from pointsman.routing.decision import WORDS

from .facts import RouteFacts


def status_data(facts: RouteFacts, now_us: int) -> dict[str, Any]:
    """For ``--json``."""
    auto, service, certificate = facts.auto, facts.in_service, facts.certificate
    why_not = facts.standing.why_not_at(now_us)
    return {
        "route": auto.name,
        "asked_as": auto.model,
        "policy": auto.settings.policy,
        "pool": list(auto.models),
        "baseline": auto.models[-1],
        "why_baseline": why_not if auto.settings.policy == "learned" else None,
        "problem": facts.problem,
        "router": {"digest": service.router, "since": iso(service.router_at_us)} if service.router else None,
        "certificate": None
        if certificate is None
        else {
            "id": certificate.id,
            "since": iso(service.certificate_at_us),
            "expires": certificate.expires_at.isoformat(timespec="seconds"),
            "floor": certificate.floor,
            "confidence": certificate.confidence,
            "labels": certificate.labels,
            "threshold": certificate.threshold,
            "quality_kept": certificate.quality.value,
            "saving": None if certificate.saving is None else certificate.saving.value,
            "withdrawn": None
            if service.withdrawn is None
            else {"at": iso(service.withdrawn.at_us), "why": service.withdrawn.why},
        },
        "labels": [
            {"model": each.model, "source": each.source, "labels": each.labels, "mean": round(each.mean, 4)}
            for each in facts.labels
        ],
        "decisions": [
            {
                "reason": each.reason,
                "model": each.model,
                "requests": each.count,
                "last": iso(each.last_us),
            }
            for each in facts.decisions
        ],
    }


def status_text(facts: RouteFacts, now_us: int) -> str:
    """A paragraph for people."""
    return "\n".join(_lines(facts, now_us)) + "\n"


def _lines(facts: RouteFacts, now_us: int) -> Iterator[str]:
    auto, service = facts.auto, facts.in_service
    yield f"{auto.model}  ({auto.settings.policy}: {', '.join(auto.models)})"
    if facts.problem is not None:
        yield f"  problem: {facts.problem}"
    if auto.settings.policy == "learned":
        why_not = facts.standing.why_not_at(now_us)
        yield "  now: the router chooses" if why_not is None else f"  now: {WORDS[why_not]}"
    if service.router:
        yield f"  router: {service.router}, in service since {iso(service.router_at_us)[:16]}"
    yield from _certificate(facts)
    for label in facts.labels:
        yield f"  labels: {label.labels:,} of {label.model} by {label.source}, mean score {label.mean:.3f}"
    for decided in facts.decisions:
        words = f"  decided: {decided.count:,} × {decided.model} ({decided.reason})"
        yield f"{words}, last {iso(decided.last_us)[:16]}"


def _certificate(facts: RouteFacts) -> Iterator[str]:
    certificate, service = facts.certificate, facts.in_service
    if certificate is None:
        return
    saving = "" if certificate.saving is None else f", saves {certificate.saving.value:.0%}"
    yield (
        f"  certificate: {certificate.id}, at least {certificate.floor:.1%} of the baseline's quality with "
        f"{certificate.confidence:.0%} confidence{saving}, on {certificate.labels:,} labels; expires "
        f"{certificate.expires_at:%Y-%m-%d}"
    )
    if service.withdrawn is not None:
        yield f"  alarm: withdrawn {iso(service.withdrawn.at_us)[:16]}. {service.withdrawn.why}"
