"""Decisions as a journal keeps them."""

from __future__ import annotations

from typing import Any

from pointsman.routing.journal import Decided
from pointsman.routing.judgement import Judgement
from tests.support.decisions import a_decision

AT_US = 1_790_000_000_000_000


def decided(request_id: str = "r1", at_us: int = AT_US, **fields: Any) -> Decided:
    """With something in every field."""
    given: dict[str, Any] = {
        "route": "x",
        "policy": "learned",
        "models": ("a", "b"),
        "position": 0,
        "reason": "certified",
        "propensity": 0.75,
        "judgement": Judgement((0.25, 0.5), (0.125, 0.0), 1.0),
        "threshold": 0.5,
        "certificate": "cert_1",
        "router": "digest",
        "costs": (10**12, None),
        "moved": "up",
        "features": b"\x00\xff",
        "cascade": "accepted:agree",
    }
    return Decided(request_id, at_us, "tenant ü", "key_1", a_decision(**(given | fields)))
