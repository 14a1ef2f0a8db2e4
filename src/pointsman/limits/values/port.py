"""What a store of limits does. One contract suite tests the memory store and the shared one.

The rules, which every store follows to the unit (slack s, amount a minute C, so a rate of r = C / 60 s):

*refill*  A bucket holds at most B = C - r s and flows back at r. A request of n fits if the level is at least
  n, or if the bucket is full and n <= C (so that a limit of 1 works). A charge may leave a debt, which flows
  back too.
*rolling* What was taken within the last 60 s + s counts. n fits if the sum + n <= C.
*slots*   What is held counts. n fits if held + n <= C.

``reserve`` is atomic over all limits: it takes from every one of them, or from none. ``settle`` replaces what
was reserved by what was used: at the time of the reservation for *rolling*, as a refund or a debt for
*refill*; and gives back slots. A reservation is settled once; a second time does nothing.

And to the microsecond, where the rules above leave it open:

- *rolling*: what was taken at t counts as long as now - t < 60 s + s. What is used where nothing was reserved
  counts from the time of the reservation too, as long as that is within the window.
- A bucket never holds more than B, whatever is refunded. A request of 0 fits by the same rule: into no debt.
- A ``Shortage`` names the first limit of those with the longest wait; never is longer than unknown, and
  unknown longer than any time.
- A limit's amount may change at any time. What was used stays used; the new amount counts from the
  ``reserve`` (also one that falls short) or ``charge`` that brings it, and until then the bucket flows at the
  old rate. ``settle`` and ``levels`` bring nothing. The window of an id stays what it is.
- ``settle`` gives back all slots that were reserved, whatever was used. ``charge`` leaves slots alone, since
  nobody would give them back.
- The limits of one ``reserve`` are all different. Time that runs backwards stands still.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .limit import NOTHING, Amounts, Level, Limit, Shortage


class Reservation:
    """What is held for one call. Made by a store, given back to it by ``settle``."""

    __slots__ = ("amounts", "at_us", "limits", "settled", "token")

    def __init__(self, limits: tuple[Limit, ...], amounts: Amounts, at_us: int, token: object = None) -> None:
        self.limits = limits
        self.amounts = amounts
        self.at_us = at_us
        self.token = token
        """The store's own."""
        self.settled = False

    def split(self, count: int) -> Reservation:
        """Take the first ``count`` limits out into a reservation of their own, to be settled apart: a key's
        share of a request outlives the attempt that it was reserved with."""
        first = Reservation(self.limits[:count], self.amounts, self.at_us, self.token)
        self.limits = self.limits[count:]
        return first


def nothing_held() -> Reservation:
    """For calls that meet no limit, all the same one: there is nothing to give back."""
    nothing = Reservation((), NOTHING, 0)
    nothing.settled = True
    return nothing


class LocalLimits(Protocol):
    """A store in this process: quick, and never away. Time is monotonic, in microseconds."""

    def reserve(self, limits: tuple[Limit, ...], amounts: Amounts, now_us: int) -> Reservation | Shortage: ...

    def settle(self, reservation: Reservation, used: Amounts, now_us: int) -> None: ...

    def charge(self, limit: Limit, amount: int, now_us: int) -> None:
        """Take without asking, as where a provider says that less is left than we thought."""
        ...

    def levels(self, limits: Sequence[Limit], now_us: int) -> list[Level]: ...


class SharedLimits(Protocol):
    """A store that replicas share. By the clock of the store, so it takes no time.

    ``reserve`` and ``settle`` never hang and never raise because the store is away: they go on within what
    this replica was lent, and ``reserve`` answers with a shortage once that is used up.
    """

    async def reserve(
        self, limits: tuple[Limit, ...], amounts: Amounts, *, waits: bool = False
    ) -> Reservation | Shortage:
        """If this is cancelled, nothing is held.

        Args:
            waits: whoever asks is going to ask again within two seconds if there is not enough. Of those who
                wait for a rate, in whatever replica, who came first goes first.
        """
        ...

    def settle(self, reservation: Reservation, used: Amounts) -> None:
        """Returns at once; the store is told in the background, in order, also if it is away for a while."""
        ...

    def charge(self, limit: Limit, amount: int) -> None: ...

    async def levels(self, limits: Sequence[Limit]) -> list[Level]: ...

    async def close(self) -> None: ...
