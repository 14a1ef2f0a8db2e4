"""What the act of the routing is told by Pointsman's own commands, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Interval(msgspec.Struct, frozen=True):
    value: float
    low: float
    high: float


class CertificateTold(msgspec.Struct, frozen=True):
    certificate: str
    threshold: float
    floor: float
    confidence: float
    labels: int
    """Prompts that were held back, and that it rests on."""
    quality: Interval
    saving: Interval | None
    shares: dict[str, float]
    p: float
    expires_at: datetime


class RouteTold(msgspec.Struct, frozen=True):
    """One route of ``pointsman route tune --json``."""

    labelled_prompts: int
    proposed: CertificateTold | None
    refused: str | None
    learned_from: int | None
    held_back: int | None
    applied: bool

    def weak_share(self, weak: str) -> float | None:
        """Of requests, that the certificate in service sends to this model; None where none is."""
        return self.proposed.shares[weak] if self.proposed is not None and self.applied else None


class TuneTold(msgspec.Struct, frozen=True):
    routes: list[RouteTold]


class SavingsTotal(msgspec.Struct, frozen=True):
    requests: int
    baseline_usd: str
    paid_usd: str
    shadows_usd: str
    shadow_calls: int
    saved_usd: str
    saving: float | None
    not_compared: dict[str, Any]


class SavingsTold(msgspec.Struct, frozen=True):
    """``pointsman savings --json``."""

    total: SavingsTotal
