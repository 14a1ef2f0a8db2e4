"""Decisions to test with."""

from __future__ import annotations

from typing import Any

from pointsman.routing.decision import Decision


def a_decision(**fields: Any) -> Decision:
    given: dict[str, Any] = {
        "route": "default",
        "policy": "fixed",
        "models": ("small", "large"),
        "position": 1,
        "reason": "fixed",
    }
    return Decision(**(given | fields))
