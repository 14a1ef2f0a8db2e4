"""Limits: what may be sent, how much of it, and who waits for whom.

Where to look, in the order in which a request meets it:

    values     limit, port (what a store does), ticket, view
    which      book (what applies to a request), learning ← headers, words, guess, places, history,
               watched (one deployment), found (as limits), till (as charges)
    how much   demand (estimate, and what was really taken) ← outputs (how long answers get)
    counted    memory ← bucket, rolling, slots, cold (packed while idle)
               redis ← link, batch, shares, shared.lua
    in order   queue ← asking (either kind of store), room (who waits), admission ← eta ← ahead, coming, seen;
               refusals
               scheduler ← lane, gate, fair
    looked at  snapshot, show
    alone      limiter (``RateLimiter``: the same around any coroutine)
"""

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
