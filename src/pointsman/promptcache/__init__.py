"""The prompt caches of providers: what is worth keeping in them, and for how long.

odds.py       how likely a beginning is used again, by what was counted
worth.py      what pays, at real prices
purse.py      what may be lost on it
uses.py       each use, and what was counted of all
trust.py      whether a provider keeps what it was asked to keep
habits.py     what was counted, kept over restarts; sqlite.py
memory.py     beginnings that were seen
sight.py      what of a request was seen before
stake.py      what may be written before it is seen whether it comes again
placement.py  breakpoints for one call, and what came of them
autopilot.py  where breakpoints go
apply.py      a request with its breakpoints
billed.py     caches that keep all unasked, and bill for it
"""

from .autopilot import Autopilot, Terms
from .odds import Odds
from .placement import Placement, settle
from .sight import Prompt, Sight
from .worth import Prices

__all__ = ["Autopilot", "Odds", "Placement", "Prices", "Prompt", "Sight", "Terms", "settle"]
