"""The journal: what was decided, and which routers and certificates are in service.

kept.py        what is kept, and the ports of who keeps it
rows.py        decisions to rows of the database and back
memory.py      in memory, for programs without a database
sqlite.py      in the SQLite file that the ledger is in too
thread.py      commits decisions off the path of requests; drops them rather than block
services.py    what is in service, as a running gateway sees it
refresh.py     keeps that up to date
"""

from .kept import Decided, InService, Journal, RouterStore, Withdrawn
from .memory import MemoryJournal

__all__ = [
    "Decided",
    "InService",
    "Journal",
    "MemoryJournal",
    "RouterStore",
    "Withdrawn",
]
