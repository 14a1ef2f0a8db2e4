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


class Passage:
    """One attempt's way through."""

    __slots__ = ("amounts", "need", "over", "refused", "reservation", "sent_us", "watch", "way")

    def __init__(
        self, way: Way, amounts: Amounts, need: Need, reservation: Reservation, watch: Watch
    ) -> None:
        self.way = way
        self.amounts = amounts
        self.need = need
        self.reservation = reservation
        self.watch = watch
        self.sent_us = 0
        self.refused = False
        """The provider has answered that there is no room."""
        self.over = False
