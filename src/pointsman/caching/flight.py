"""Many requests for the same, one call: who waits for whom. Pure: no task, no clock.

The call belongs to the *flight*, not to the client who came first. Whoever wires it runs the call beside the
clients (a task), feeds what comes into ``add``, and ends it with ``land`` or ``fail``; each client has a
*seat* that takes the past first and then what is new. So a client that leaves, the first one too, takes
nothing from the others. The call is only worth stopping when ``Seat.leave`` says that nobody is left.

What happens to whom:

- it lands: each seat gets all items and the result, whenever it came;
- it fails, after the policy of retries is through: each seat gets the items that came, and the error;
- it fails for a reason that is the leader's alone (its key's limits or money): nobody else fails by that.
  With nothing said yet, the next seat leads, and its call is made (``hand_on``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Seat(Generic[T, R]):
    """One client's place."""

    __slots__ = ("_at", "_own", "flight", "gone", "leads", "wake")

    def __init__(self, flight: Flight[T, R], *, leads: bool) -> None:
        self.flight = flight
        self.leads = leads
        self.gone = False
        self.wake: Callable[[], None] | None = None
        """Called when there is something new: items, the end, or that this seat leads now. Must not raise."""
        self._at = 0
        self._own: BaseException | None = None

    def take(self) -> list[T]:
        """Items that it has not had yet, in their order."""
        new = self.flight.items[self._at :]
        self._at += len(new)
        return new

    @property
    def over(self) -> bool:
        """All is taken, and no more will come."""
        return self._own is not None or (self.flight.ended and self._at == len(self.flight.items))

    @property
    def error(self) -> BaseException | None:
        """Why it gets no whole answer, once it is over: its own reason, or that of all."""
        return self._own or self.flight.error

    def lose_lead(self, error: BaseException) -> None:
        """For ``Flight.hand_on``."""
        self.gone, self.leads, self._own = True, False, error
        if self.wake is not None:
            self.wake()

    def leave(self) -> bool:
        """The client has gone. True if nobody is left, and the call should be stopped."""
        if self.gone:
            return False
        self.gone = True
        return self.flight.lose(self)


class Flight(Generic[T, R]):
    """One call under way, and those who wait for its answer.

    Args:
        most: weight of items, after which nobody may join any more, since the past is kept for whoever may.
    """

    def __init__(self, ended: Callable[[], None], most: int) -> None:
        self.items: list[T] = []
        self.result: R | None = None
        self.error: BaseException | None = None
        self.ended = False
        self._seats: list[Seat[T, R]] = []
        self._on_end = ended
        self._weight = 0
        self._most = most

    @property
    def open(self) -> bool:
        """Whether one more may join."""
        return not self.ended and self._weight <= self._most and bool(self._seats)

    @property
    def riders(self) -> int:
        return len(self._seats)

    def join(self) -> Seat[T, R]:
        seat = Seat(self, leads=not self._seats)
        self._seats.append(seat)
        return seat

    def add(self, item: T, weight: int = 1) -> None:
        """More of the answer."""
        assert not self.ended, "nothing comes after the end"
        self.items.append(item)
        self._weight += weight
        self._tell()

    def land(self, result: R) -> None:
        self.result = result
        self._end()

    def fail(self, error: BaseException) -> None:
        self.error = error
        self._end()

    def hand_on(self, error: BaseException) -> Seat[T, R] | None:
        """The leader may not make the call: it leaves with ``error``, and the seat behind it leads. None, and
        the flight has failed, if nobody is behind it, or if something was said already."""
        others = [seat for seat in self._seats if not seat.leads]
        if self.items or not others:
            self.fail(error)
            return None
        before, self._seats = self._seats, others
        others[0].leads = True
        for seat in before:
            if seat.leads and seat is not others[0]:
                seat.lose_lead(error)
        if others[0].wake is not None:
            others[0].wake()
        return others[0]

    def lose(self, seat: Seat[T, R]) -> bool:
        """For ``Seat.leave``."""
        if seat in self._seats:
            self._seats.remove(seat)
        if self._seats or self.ended:
            if seat.leads and not self.ended:
                seat.leads, self._seats[0].leads = False, True
            return False
        self._on_end()
        return True

    def _end(self) -> None:
        if self.ended:
            return
        self.ended = True
        self._on_end()
        self._tell()

    def _tell(self) -> None:
        for seat in tuple(self._seats):
            if seat.wake is not None:
                seat.wake()


class Flights(Generic[T, R]):
    """All that are under way, by key.

    Args:
        most: see ``Flight``; 1,000,000 suits bytes.
    """

    def __init__(self, most: int = 1_000_000) -> None:
        self._most = most
        self._under_way: dict[Hashable, Flight[T, R]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def board(self, key: Hashable) -> Seat[T, R]:
        """A seat in the call for ``key`` that is under way; in a new one, which it leads, if none is that one
        could still join. Who leads makes the call."""
        flight = self._under_way.get(key)
        if flight is None or not flight.open:
            flight = self._begin(key)
        return flight.join()

    def _begin(self, key: Hashable) -> Flight[T, R]:
        def over() -> None:
            if self._under_way.get(key) is flight:
                del self._under_way[key]

        flight: Flight[T, R] = Flight(over, self._most)
        self._under_way[key] = flight
        return flight
