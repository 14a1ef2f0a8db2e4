"""What happened, call by call, and what it cost.

The stores are ``sqlite.py`` and ``memory.py``; ``mmap.py`` keeps the calls that are under way.
"""

from .entry import (
    ANSWERED_FROM,
    CACHE,
    CACHED,
    OUTCOMES,
    PART,
    Attempt,
    Entry,
    Ledger,
    UsageRow,
    as_if_alone,
    is_hit,
)
from .memory import MemoryLedger
from .open_call import PROCESS_DIED, OpenCall, settle
from .report import GROUPINGS, Grouping, UsageQuery, total

__all__ = [
    "ANSWERED_FROM",
    "CACHE",
    "CACHED",
    "GROUPINGS",
    "OUTCOMES",
    "PART",
    "PROCESS_DIED",
    "Attempt",
    "Entry",
    "Grouping",
    "Ledger",
    "MemoryLedger",
    "OpenCall",
    "UsageQuery",
    "UsageRow",
    "as_if_alone",
    "is_hit",
    "settle",
    "total",
]
