"""Limits: what may be sent, how much of it, and who waits for whom."""

from .limit import (
    NOTHING,
    Amounts,
    Dimension,
    Level,
    Limit,
    Scope,
    ScopeKind,
    Shortage,
    Source,
    Window,
    make_limit,
)
from .port import LocalLimits, Reservation, SharedLimits

__all__ = [
    "NOTHING",
    "Amounts",
    "Dimension",
    "Level",
    "Limit",
    "LocalLimits",
    "Reservation",
    "Scope",
    "ScopeKind",
    "SharedLimits",
    "Shortage",
    "Source",
    "Window",
    "make_limit",
]
