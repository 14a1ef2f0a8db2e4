"""A certificate as a test wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pointsman.routing.evidence import Certificate, Estimate, fingerprint_of
from pointsman.routing.evidence.certificate import seal

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

SPREAD = [i / 1000 for i in range(1000)]


def certificate(**changes: Any) -> Certificate:
    """Sealed. Losses and familiarity were spread evenly from 0 to 1."""
    made = Certificate(
        router="r1",
        pool=("haiku", "opus"),
        costs=(1.0, 5.0),
        threshold=0.1,
        min_familiarity=0.0,
        floor=0.98,
        confidence=0.95,
        labels=1000,
        data="d1",
        quality=Estimate(0.99, 0.98, 1.0),
        shares=(0.4, 0.6),
        saving=Estimate(0.32, 0.3, 0.34),
        prices="a price ratio of 5",
        p=0.03,
        made_at=NOW,
        expires_at=NOW + timedelta(days=30),
        fingerprint=fingerprint_of([(loss, 0.0) for loss in SPREAD], SPREAD),
    )
    return seal(msgspec.structs.replace(made, **changes))
