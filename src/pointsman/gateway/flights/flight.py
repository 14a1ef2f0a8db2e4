"""A flight: one call for equal requests that came while it was under way. What is decided about it, and what
the books say of each who had a part in it. ``flights.py`` runs it.

The call is made for one of the riders, the *maker*: with its key, its limits and its headers, and it is the
maker's entry that has the attempts. All entries are made at the moment at which the call is over, so that
their sum is its cost at any time. A rider that has left by then has its entry then, too.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import msgspec

from pointsman.caching.charging import Charge, charged
from pointsman.caching.shared_flights import End, Head, Lead
from pointsman.chat import Usage
from pointsman.costs import PicoUsd
from pointsman.dialects import get_dialect
from pointsman.errors import ConfigurationError, PointsmanError, RateLimited, StreamBroken
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Route
from pointsman.gateway.resume.following import Following, Seat
from pointsman.http1 import Leave
from pointsman.ledger.entry import Entry
from pointsman.resilience.outcome import Remedy, outcome_of

Account = Callable[[Call, int, str], None]
_LOSSY = frozenset({"stop", "stop_sequences", "reasoning", "reasoning_effort", "thinking", "output_config"})
"""Fields whose effect on an answer does not survive the way through another dialect and back: which of the
stop sequences was met, and signatures of thoughts."""


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
        self.until = inf
        """By when there must be room for the call; monotonic seconds."""
        self.again = False
        """It is to ask once more: it had nothing yet of a stream that broke."""
        self.second = False
        """It does."""

    def leave(self) -> None:
        """Its client has gone."""
        self.flight.following.give_back(self.seat)


class Flight:
    """
    Args:
        leave: what the provider is told by that nobody waits any more.
        account: books a request.
    """

    def __init__(
        self, key: bytes, following: Following, leave: Leave, charge: Charge, account: Account
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
        """The books are made: nobody can join any more."""
        self.failure: PointsmanError | None = None
        """Why it did not come to its end, where it was a stream."""
        self.usage: Usage | None = None
        """As the provider told it, once it is over."""
        self.cost: PicoUsd | None = None
        """Of all of the call, once it is over."""
        self.lead: Lead | None = None
        """By which other gateways are told of it."""
        self._elsewhere = False
        """Another gateway makes the call."""
        self._told: Head | None = None
        """By that one."""
        self.carried = 0
        """How many had a part in it."""
        self._charge = charge
        self._account = account
        self._hands_on = False

    @property
    def open(self) -> bool:
        """One more may join."""
        following = self.following
        return not (self.settled or self.leave.gone or following.over or following.done)

    @property
    def asked(self) -> bool:
        """A provider was."""
        return self._elsewhere or (self.made is not None and bool(self.made.attempts))

    def board(self, call: Call) -> Rider:
        rider = Rider(call, self.following.sit(call.arrival.leave), self)
        self.riders.append(rider)
        call.rider, call.made, call.settled = rider, self.made, True  # its entry is the flight's to make
        return rider

    def get_off(self, rider: Rider) -> None:
        """It goes its own way."""
        self.riders.remove(rider)
        call = rider.call
        call.rider, call.made, call.settled, call.cache = None, None, False, "miss"
        self.following.give_back(rider.seat)

    def make(self) -> Call | None:
        """The call, for the first rider that is still there; None if none is."""
        rider = next((rider for rider in self.riders if not rider.seat.gone), None)
        if rider is None:
            return None
        call = rider.call
        call.cache = "miss"
        self._elsewhere = False
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
        self._account(made, error.status, "cut" if gone else "error")

    def over(self) -> None:
        """Let go of what it knows of others, and they of it: no collector has to find them."""
        self.riders.clear()
        self.maker = None
        if self.made is not None:
            self.made.booking = None

    # -- a call that another gateway makes

    def look_elsewhere(self) -> None:
        """Nobody here makes the call."""
        self._elsewhere = True
        if self.maker is not None:
            self.maker.makes = False
            self.maker.call.cache = "coalesced"

    def is_told(self, head: Head) -> bool:
        """Whose answer it is, and what it looks like; False where that is not understood."""
        made = self.made
        assert made is not None and made.peek is not None
        try:
            face = get_dialect(head.face)
        except ConfigurationError:
            return False
        self._told = head
        self.made = msgspec.structs.replace(
            made,
            arrival=msgspec.structs.replace(made.arrival, face=face),
            peek=msgspec.structs.replace(made.peek, wants_stream_usage=head.usage),
            route=_route_of(made, head),
            streams=head.streamed,
        )
        return True

    def land_elsewhere(self, end: End, failure: PointsmanError | None, now: float) -> None:
        """Book all who ride here: they have what came of the answer, and pay nothing."""
        made, head = self.made, self._told
        assert made is not None
        self.settled, self.failure, self.usage = True, failure, end.usage
        self._let_go()
        self.carried = len(self.riders)
        by = "" if head is None else head.request_id
        made = msgspec.structs.replace(
            made, arrival=msgspec.structs.replace(made.arrival, request_id=by), failure=failure, settled=True
        )
        broken = failure is not None and head is not None and head.streamed
        status = 200 if failure is None or broken else failure.status
        outcome = "ok" if failure is None else "broken" if broken else "error"
        entry = msgspec.structs.replace(
            made.entry(now),
            cost=end.cost,
            status=status,
            outcome=outcome,
            error="" if failure is None else failure.code,
        )
        for rider in self.riders:
            self._book_rider(rider, made, entry, 0)

    # -- the books

    def _book(self, entry: Entry) -> Entry:
        """The maker's entry, with its part of the cost; after those of the others."""
        if self._hands_on:
            return entry
        made, maker = self.made, self.maker
        assert made is not None and maker is not None
        self.settled, self.failure = True, made.failure
        answered = (
            r for r in made.attempts if r.route is made.route and r.outcome == "ok" and not r.estimated
        )
        self.usage, self.cost = next((record.usage for record in answered), None), entry.cost
        self._let_go()
        others = [rider for rider in self.riders if rider is not maker]
        self.carried = 1 + len(others)
        paying = [rider for rider in others if self._got(rider, entry)]
        own, each = charged(entry.cost, len(paying), self._charge)
        for rider in others:
            self._book_rider(rider, made, entry, each if rider in paying or each is None else 0)
        spared = 0 if entry.cost is None or own is None else entry.cost - own
        if maker.seat.gone and entry.outcome == "ok":
            return msgspec.structs.replace(entry, outcome=_left(maker), cost=own, saved=spared)
        return msgspec.structs.replace(entry, cost=own, saved=spared) if spared else entry

    def _let_go(self) -> None:
        """A stream broke that may be tried again: whoever wants a whole answer has nothing of it, and would
        have had another attempt if it had come alone."""
        failure, made = self.failure, self.made
        if failure is None or not (self.following.streamed and _may_pass(failure)):
            return
        if made is not None and made.ways is not None and not made.ways.has_attempts(len(made.attempts)):
            return
        for rider in list(self.riders):
            call = rider.call
            if not (rider.makes or call.streams or rider.seat.gone or rider.second):
                self.riders.remove(rider)
                rider.again = True
                call.made, call.settled, call.cache = None, False, "miss"

    def _got(self, rider: Rider, entry: Entry) -> bool:
        """It has something of the answer, or will have all of it."""
        if entry.outcome == "error" or entry.status != 200:
            return False
        if not rider.seat.gone:
            return rider.call.streams or entry.outcome == "ok"
        return rider.call.streams and rider.seat.at > 0

    def _book_rider(self, rider: Rider, made: Call, entry: Entry, share: PicoUsd | None) -> None:
        call, cost, failure = rider.call, entry.cost, made.failure
        got = self._got(rider, entry)
        call.settled, call.route, call.source = False, made.route, made.arrival.request_id
        call.cache, call.error = "coalesced", entry.error
        call.saved = None if cost is None or share is None else cost - share if got else 0
        call.booking = lambda own: msgspec.structs.replace(own, cost=share)
        if got and call.first_byte is None:
            over = made.arrival.started + entry.latency_us / 1e6
            call.first_byte = made.first_byte if call.streams else over
        _follow_choice(call, made)
        status, outcome = entry.status, entry.outcome
        if rider.seat.gone:
            outcome = _left(rider)
        elif outcome == "cut":
            outcome = "broken" if call.streams and self.following.begun else "error"
        elif outcome == "broken" and not call.streams and failure is not None:
            status, outcome = failure.status, "error"
        self._account(call, status, outcome)


def flight_key(key: bytes, call: Call) -> bytes:
    """What requests have in common that may share a call: the key of their answer, and where it may come
    from. Those of which a translation could lose something share only within their dialect."""
    plan, chosen = call.plan, call.chosen
    assert plan is not None and call.peek is not None
    words = [plan.route.deployment]
    for stage in plan.stages:
        words += [route.deployment for route in stage.routes]
    if plan.retries is not None:
        words.append(f"{plan.retries.on_refusal} {plan.retries.continue_streams}")
    if chosen is not None and chosen.first:
        words += [chosen.decision.route, *(first.route.deployment for first in chosen.first)]
    if not _LOSSY.isdisjoint(call.peek.fields):
        words.append(call.arrival.face.name)
    return key + "\0".join(words).encode()


def _route_of(made: Call, head: Head) -> Route | None:
    """By which another gateway's answer came, as it is called here."""
    plan = made.plan
    assert plan is not None
    routes = [plan.route, *(route for stage in plan.stages for route in stage.routes)]
    same = (r for r in routes if r.name == head.model and r.provider.name == head.provider)
    return next(same, plan.route)


def _may_pass(failure: PointsmanError) -> bool:
    broke = failure.code == StreamBroken.default_code  # of another gateway's, too
    return broke or outcome_of(failure).remedy is Remedy.AGAIN


def _left(rider: Rider) -> str:
    return "broken" if rider.seat.late else "cut"


def _follow_choice(call: Call, made: Call) -> None:
    """What a cascade came to holds for all who have its answer."""
    own, other = call.chosen, made.chosen
    if own is None or other is None or own is other or not other.decision.cascade:
        return
    said = other.decision
    own.decision = msgspec.structs.replace(own.decision, position=said.position, cascade=said.cascade)
    own.header = other.header
