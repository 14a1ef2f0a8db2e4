"""The prompt caches of providers: what is worth keeping in them, and for how long.

odds.py       how likely a beginning is used again, by what was counted
worth.py      what pays, at real prices
purse.py      what may be lost on it
memory.py     beginnings that were seen
sight.py      what of a request was seen before
autopilot.py  where breakpoints go
"""

from .autopilot import Autopilot, Placement, Terms, settle
from .odds import Odds
from .sight import Prompt, Sight
from .worth import Prices

__all__ = ["Autopilot", "Odds", "Placement", "Prices", "Prompt", "Sight", "Terms", "settle"]
