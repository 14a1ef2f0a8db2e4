"""Limits: what may be sent, how much of it, and who waits for whom.

Where to look, from the bottom up (import-linter holds the folders to that order):

    values/    limit, port (what a store does), ticket, view
    request/   book (what applies to a request), demand (estimate, and what was really taken) ← outputs (how
               long answers get)
    learning/  learning ← headers, words, guess, places, history, watched (one deployment), found (as limits),
               till (as charges)
    local/     memory ← bucket, rolling, slots, cold (packed while idle)
    shared/    redis ← link, batch, shares, shared.lua
    turns/     scheduler (whose turn it is) ← lane, gate, fair; seen (what calls turned out to be)
    forecast/  eta (when one will start) ← ahead, coming
    queue/     queue ← asking (either kind of store), room (who waits), admission, refusals, snapshot
    show       all that is known, put together for people
    limiter    ``RateLimiter``: the same around any coroutine
"""

from .learning.learning import LimitLearner
from .local.memory import MemoryLimits
from .queue.queue import Queue
from .request.book import Ceilings, LimitBook, Way
from .request.demand import CountingRule, Demand, Failure, counting_rule, used, used_after
from .values.limit import (
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
from .values.port import LocalLimits, Reservation, SharedLimits, nothing_held
from .values.ticket import Place, Ticket

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
    "nothing_held",
    "used",
    "used_after",
]
