"""Limits: what may be sent, how much of it, and who waits for whom."""

from .book import Ceilings, LimitBook, Way
from .demand import CountingRule, Demand, Failure, counting_rule, used, used_after
from .learning import LimitLearner
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
from .memory import MemoryLimits
from .port import LocalLimits, Reservation, SharedLimits
from .queue import Queue
from .ticket import Place, Ticket

__all__ = [
    "NOTHING",
    "Amounts",
    "Ceilings",
    "CountingRule",
    "Demand",
    "Dimension",
    "Failure",
    "Level",
    "Limit",
    "LimitBook",
    "LimitLearner",
    "LocalLimits",
    "MemoryLimits",
    "Place",
    "Queue",
    "Reservation",
    "Scope",
    "ScopeKind",
    "SharedLimits",
    "Shortage",
    "Source",
    "Ticket",
    "Way",
    "Window",
    "counting_rule",
    "make_limit",
    "used",
    "used_after",
]
