"""One attempt's way through the limits, as a value that ``flow.py`` makes and closes."""

from __future__ import annotations

import msgspec

from pointsman.limits import Amounts, Reservation, Way
from pointsman.resilience.health import Ticket as Watch


class Need(msgspec.Struct, frozen=True, gc=False):
    """What the estimate of an attempt went by, to be compared with what it really took."""

    size: int
    """Bytes that were sent."""
    most: int | None
    """Output tokens that the request allows, if it says so."""
    media: bool
    """Images or documents are among them."""


class Passage(msgspec.Struct, eq=False):
    """One attempt's way through."""

    way: Way
    amounts: Amounts
    need: Need
    reservation: Reservation
    watch: Watch
    sent_us: int = 0
    refused: bool = False
    """The provider has answered that there is no room."""
    over: bool = False
