"""Answer once: what may be answered from what was answered before, and how.

``policy`` decides whether to look and to store, ``key`` says what is the same, ``memory`` keeps, ``stored``
is what is kept, ``replay`` turns it into what the caller asked for, ``flight`` lets many wait for one call.
"""

from .flight import Flight, Flights, Seat
from .key import Asked, Keys, Partition, answer_headers, make_key
from .memory import Kept, MemoryStats, MemoryStore
from .policy import CacheRules, Decision, Directives, KeyRules, decide, not_stored, why_not_kept
from .replay import events_of, paced, response_of
from .stored import Stored, pack, unpack
from .tally import Tally

__all__ = [
    "Asked",
    "CacheRules",
    "Decision",
    "Directives",
    "Flight",
    "Flights",
    "Kept",
    "KeyRules",
    "Keys",
    "MemoryStats",
    "MemoryStore",
    "Partition",
    "Seat",
    "Stored",
    "Tally",
    "answer_headers",
    "decide",
    "events_of",
    "make_key",
    "not_stored",
    "paced",
    "pack",
    "response_of",
    "unpack",
    "why_not_kept",
]
