"""A flight: one call for equal requests that came while it was under way. Who rides in it, for whom the call
is made, when its books are; ``booking.py`` says what stands in them, and ``flights.py`` runs it. No I/O.

The call is made for one of the riders, the *maker*: with its key, its limits and its headers, and it is the
maker's entry that has the attempts. Where another gateway makes the call, nobody here is its maker.

All entries are made at the moment at which the call is over, so that their sum is its cost at any time. A
rider that has left by then has its entry then, too. Where riders of other gateways are to pay a part, it is
asked first who they are: the call is ``unbooked`` until then.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pointsman.caching.rules.charging import Charge
from pointsman.caching.shared.flights import End, Follow, Head, Lead, Met, Payer, Queued
from pointsman.chat import Usage
from pointsman.costs import PicoUsd
from pointsman.dialects import get_dialect
from pointsman.errors import ConfigurationError, PointsmanError, RateLimited
from pointsman.gateway.call.books import Books
from pointsman.gateway.call.call import Call, Record
from pointsman.gateway.resume.following import Following, Seat
from pointsman.http1 import Leave
from pointsman.ledger.entry import Entry
from pointsman.limits import Place

from .booking import book_elsewhere, divide, may_pass, payer_of, route_of, usage_of


class Rider:
    """One client's place in a flight."""

    __slots__ = ("again", "call", "error", "flight", "makes", "seat", "second", "until")

    def __init__(self, call: Call, seat: Seat, flight: Flight) -> None:
        self.call = call
        self.seat = seat
        self.flight = flight
        self.error: PointsmanError | None = None
        """Why it alone gets no answer."""
        self.makes = False
        """The call is made for this one."""
        self.until: float | None = None
        """By when there must be room for the call, monotonic seconds; None: it was not asked yet."""
        self.again = False
        """It is to ask once more: it had nothing yet of a stream that broke."""
        self.second = False
        """It does."""

    @property
    def has_some(self) -> bool:
        """It has some of the answer, or is there to get it."""
        return not self.seat.gone or (self.call.streams and self.seat.at > 0)

    @property
    def left(self) -> bool:
        """Its client has gone, and has not all of it: who read a stream's last event may hang up at once.

        Of a call that another gateway makes nobody here knows whether what has come is all.
        """
        flight = self.flight
        return self.seat.gone and not (flight.follow is None and flight.following.has_all(self.seat))

    def leave(self) -> None:
        """Its client has gone."""
        self.flight.following.give_back(self.seat)
        self.flight.name_payers()


class Flight:
    """
    Args:
        leave: what the provider is told by that nobody waits any more.
        books: where requests are booked.
        met: what came of asking other gateways, if they were.
    """

    def __init__(
        self,
        key: bytes,
        following: Following,
        leave: Leave,
        charge: Charge,
        books: Books,
        met: Met | None = None,
    ) -> None:
        self.key = key
        self.following = following
        self.leave = leave
        self.riders: list[Rider] = []
        """All whose entries are still to be made."""
        self.maker: Rider | None = None
        self.made: Call | None = None
        """The call as it is made for the maker."""
        self.queued = False
        """It waits for room in limits."""
        self.settled = False
        """The call is over: nobody can join any more."""
        self.failure: PointsmanError | None = None
        """Why it did not come to its end, where it was a stream."""
        self.usage: Usage | None = None
        """As the provider told it, once it is over."""
        self.cost: PicoUsd | None = None
        """Of all of the call, once it is over."""
        self.part: PicoUsd | None = 0
        """Of it: what each of those pays who are to pay a part at other gateways."""
        self.payers: frozenset[str] = frozenset()
        """The ids of their requests, once they are booked."""
        self.met = met
        self.lead: Lead | None = None
        """By which other gateways are told of it."""
        self.follow: Follow | None = None
        """By which another gateway tells of it, that makes the call."""
        self.deserted = False
        """That gateway died, or gave the call up, in the midst of a stream."""
        self._told: Head | None = None
        """By that one."""
        self.carried = 0
        """How many had a part in it."""
        self._charge: Charge = charge
        self._books = books
        self._hands_on = False
        self._unbooked: tuple[Entry, Record] | None = None

    @property
    def open(self) -> bool:
        """One more may join."""
        following = self.following
        return not (self.settled or self.leave.gone or following.over or following.done)

    @property
    def asked(self) -> bool:
        """A provider was."""
        if self.follow is not None:
            return not self.queued
        return self.made is not None and bool(self.made.attempts)

    def board(self, call: Call) -> Rider:
        rider = Rider(call, self.following.sit(call.arrival.leave), self)
        self.riders.append(rider)
        call.rider, call.made, call.settled = rider, self.made, True  # its entry is the flight's to make
        if self.follow is not None:
            self._watch(rider)
            self.name_payers()
        return rider

    def get_off(self, rider: Rider) -> None:
        """It goes its own way."""
        self.riders.remove(rider)
        call = rider.call
        call.rider, call.made, call.settled, call.cache = None, None, False, "miss"
        self.following.give_back(rider.seat)
        self.name_payers()

    def make(self) -> Call | None:
        """The call, for the first rider that is still there; None if none is."""
        rider = next((rider for rider in self.riders if not rider.seat.gone), None)
        if rider is None:
            return None
        call = rider.call
        call.cache = "miss"
        self.follow, self.queued = None, False
        self.maker, rider.makes = rider, True
        self.made = made = msgspec.structs.replace(
            call,
            arrival=msgspec.structs.replace(call.arrival, leave=self.leave),
            attempts=[],
            settled=False,
            may_wait=False,
            rider=None,
            made=None,
            booking=self._book,
        )
        for each in self.riders:
            each.call.made = made
        return made

    def is_own(self, error: PointsmanError, *, alone: bool = False) -> bool:
        """It is the maker's alone (a limit, a deadline, something in its request), and somebody is there to
        whom it does not matter. What a provider says holds for all.

        Args:
            alone: where nobody is there, too.
        """
        own = isinstance(error, RateLimited) or not self.asked
        return own and (alone or any(not rider.seat.gone and not rider.makes for rider in self.riders))

    def hand_on(self, error: PointsmanError) -> None:
        """The maker gets the error and has its entry; for the next one the call is to be made anew."""
        made, maker = self.made, self.maker
        assert made is not None and maker is not None
        self.riders.remove(maker)
        self._hands_on = True
        try:
            self.refuse(error)
        finally:
            self._hands_on = False
        maker.error, maker.makes = error, False
        self.following.wake()

    def refuse(self, error: PointsmanError) -> None:
        """The call has failed."""
        made = self.made
        assert made is not None
        made.error, made.failure = error.code, error
        gone = made.arrival.leave.gone or (self.maker is not None and self.maker.seat.gone)
        self._books.account(made, error.status, "cut" if gone else "error")

    def over(self) -> None:
        """Nobody can join any more. It lets go of what it knows of others, and they of it: no collector has
        to find them."""
        self.settled = True
        self.riders.clear()
        self.maker = None
        if self.made is not None:
            self.made.booking = None

    # -- the books

    @property
    def unbooked(self) -> bool:
        """The call is over, and its books are made once it is known who pays a part at other gateways."""
        return self._unbooked is not None

    def divide(self, payers: Sequence[Payer]) -> None:
        """Make the books, all of them at once.

        Args:
            payers: at other gateways.
        """
        unbooked, self._unbooked = self._unbooked, None
        if unbooked is None:
            return
        entry, record = unbooked
        made, maker = self.made, self.maker
        assert made is not None and maker is not None
        self._let_go()
        others = [rider for rider in self.riders if rider is not maker]
        self.carried = 1 + len(others)
        with self._books.together():
            booked = divide(entry, made, maker, others, payers, self._charge, self._books)
            record(booked.own)
        self.part, self.payers = booked.part, booked.payers

    def _book(self, entry: Entry, record: Record) -> None:
        """The call is over, and this is the maker's entry, with all that it cost."""
        if self._hands_on:
            record(entry)
            return
        made = self.made
        assert made is not None
        self.settled, self.failure = True, made.failure
        self.usage, self.cost = usage_of(made), entry.cost
        self._unbooked = entry, record
        lead = self.lead
        shares = self._charge == "split" and entry.cost != 0 and entry.status == 200
        if lead is None or lead.lost or not shares:
            self.divide(())

    def _let_go(self) -> None:
        """A stream broke that may be tried again: whoever wants a whole answer has nothing of it, and would
        have had another attempt if it had come alone."""
        failure, made = self.failure, self.made
        if failure is None or not (self.following.streamed and may_pass(failure)):
            return
        if made is not None and made.ways is not None and not made.ways.has_attempts(len(made.attempts)):
            return
        for rider in list(self.riders):
            call = rider.call
            if not (rider.makes or call.streams or rider.seat.gone or rider.second):
                self.riders.remove(rider)
                rider.again = True
                call.made, call.settled, call.cache = None, False, "miss"

    # -- a call that another gateway makes

    def look_elsewhere(self, follow: Follow) -> None:
        """Nobody here makes the call."""
        self.follow = follow
        if self.maker is not None:
            self.maker.makes = False
            self.maker.call.cache = "coalesced"
        for rider in self.riders:
            self._watch(rider)
        if len(self.riders) > 1:  # the first was named as they met
            self.name_payers()

    def named(self) -> list[Payer]:
        """Who is to pay a part here, if another gateway makes the call."""
        if self._charge == "first":
            return []
        return [payer_of(rider.call) for rider in self.riders if rider.has_some]

    def name_payers(self) -> None:
        """Tell the gateway that makes the call."""
        if self.follow is not None and self._charge == "split" and not self.settled:
            self.follow.pay(self.named())

    def is_queued(self, queued: Queued, now: float) -> None:
        """Where the call stands there."""
        made = self.made
        assert made is not None
        self.queued = queued.position != 0
        known = queued.position is not None and self.queued
        made.place = Place(queued.position or 0, queued.starts_in, now) if known else None
        self.following.wake()

    def is_told(self, head: Head) -> bool:
        """Whose answer it is, and what it looks like; False where that is not understood."""
        made = self.made
        assert made is not None and made.peek is not None
        try:
            face = get_dialect(head.face)
        except ConfigurationError:
            return False
        self._told, self.queued = head, False
        self.made = msgspec.structs.replace(
            made,
            arrival=msgspec.structs.replace(made.arrival, face=face),
            peek=msgspec.structs.replace(made.peek, wants_stream_usage=head.usage),
            route=route_of(made, head),
            streams=head.streamed,
        )
        return True

    def land_elsewhere(self, end: End, failure: PointsmanError | None, now: float) -> None:
        """Book all who ride here: they have what came of the answer. What they pay for it is in the books of
        the gateway that made the call."""
        made = self.made
        assert made is not None
        self.settled, self.failure, self.usage = True, failure, end.usage
        self._let_go()
        self.carried = len(self.riders)
        book_elsewhere(made, self._told, end, failure, self.riders, self._books, now)

    def _watch(self, rider: Rider) -> None:
        if self._charge == "split":
            rider.call.arrival.leave.child().listen(self.name_payers)
