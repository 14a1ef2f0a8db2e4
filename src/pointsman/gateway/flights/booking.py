"""What the books say of each who had a part in a flight. No I/O.

The money of a call is in one ledger, always: that of the gateway that made it, whose commit has all of it or
nothing. There the maker's entry has the attempts and its part of the cost, and those who ride with it have
theirs; for each request that rides at another gateway and pays, there is a *part* in its name, with its key.
Its own gateway has that request, at no cost. Two ledgers that were to agree on each part would not, where one
of them dies or Redis goes away between their commits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from pointsman.caching.rules.charging import Charge, charged
from pointsman.caching.shared.flights import End, Head, Payer
from pointsman.chat import Usage
from pointsman.costs import PicoUsd
from pointsman.errors import PointsmanError, StreamBroken
from pointsman.gateway.call.books import Books
from pointsman.gateway.call.call import Call, Record
from pointsman.gateway.call.values import Route
from pointsman.ledger.entry import CACHE, PART, Entry
from pointsman.resilience.outcome import Remedy, outcome_of

if TYPE_CHECKING:
    from .flight import Rider


class Divided(msgspec.Struct, frozen=True):
    """The books of a call."""

    own: Entry
    """Of its maker."""
    part: PicoUsd | None
    """What each of those pays who are at other gateways."""
    payers: frozenset[str]
    """The ids of their requests."""


def divide(
    entry: Entry,
    made: Call,
    maker: Rider,
    others: Sequence[Rider],
    payers: Sequence[Payer],
    charge: Charge,
    books: Books,
) -> Divided:
    """Books all but the maker, whose entry is returned.

    Args:
        entry: the maker's, with all that the call cost.
        others: who ride here besides it.
        payers: who ride at other gateways and are to pay.
    """
    paying = [rider for rider in others if _got(rider, entry)]
    far = [payer for payer in payers if payer.stream or entry.outcome == "ok"]
    own, each = charged(entry.cost, len(paying) + len(far), charge)
    for rider in others:
        _book_rider(rider, made, entry, each if rider in paying or each is None else 0, books)
    for payer in far:
        books.record_aside(_part(payer, entry, each))
    spared = 0 if entry.cost is None or own is None else entry.cost - own
    if maker.left and entry.outcome == "ok":
        entry = msgspec.structs.replace(entry, outcome=_left(maker), cost=own, saved=spared)
    elif spared:
        entry = msgspec.structs.replace(entry, cost=own, saved=spared)
    return Divided(entry, each, frozenset([payer.request_id for payer in far]))


def book_elsewhere(
    made: Call,
    head: Head | None,
    end: End,
    failure: PointsmanError | None,
    riders: Sequence[Rider],
    books: Books,
    now: float,
) -> None:
    """Book those who ride here in a call that another gateway made."""
    by = "" if head is None else head.request_id
    made = msgspec.structs.replace(
        made, arrival=msgspec.structs.replace(made.arrival, request_id=by), failure=failure, settled=True
    )
    broken = failure is not None and head is not None and head.streamed
    entry = msgspec.structs.replace(
        made.entry(now),
        cost=end.cost,
        status=200 if failure is None or broken else failure.status,
        outcome="ok" if failure is None else "broken" if broken else "error",
        error="" if failure is None else failure.code,
    )
    for rider in riders:
        pays = rider.call.arrival.request_id in end.payers
        _book_rider(rider, made, entry, 0, books, elsewhere=end.part if pays else 0)


def payer_of(call: Call) -> Payer:
    """A request, as the books of another gateway name it."""
    arrival, key = call.arrival, call.arrival.key
    return Payer(
        arrival.request_id,
        arrival.at_us,
        key.id,
        key.name,
        key.tenant,
        arrival.face.name,
        call.requested,
        call.streams,
    )


def usage_of(made: Call) -> Usage | None:
    """As the provider told it that answered."""
    answered = (r for r in made.attempts if r.route is made.route and r.outcome == "ok" and not r.estimated)
    return next((record.usage for record in answered), None)


def route_of(made: Call, head: Head) -> Route | None:
    """By which another gateway's answer came, as it is called here."""
    plan = made.plan
    assert plan is not None
    routes = [plan.route, *(route for stage in plan.stages for route in stage.routes)]
    same = (r for r in routes if r.name == head.model and r.provider.name == head.provider)
    return next(same, plan.route)


def may_pass(failure: PointsmanError) -> bool:
    """To ask once more may help."""
    broke = failure.code == StreamBroken.default_code  # of another gateway's, too
    return broke or outcome_of(failure).remedy is Remedy.AGAIN


def _part(payer: Payer, entry: Entry, cost: PicoUsd | None) -> Entry:
    """Named after both requests: one may follow several calls, if their gateways die."""
    return msgspec.structs.replace(
        entry,
        request_id=f"{payer.request_id}.{entry.request_id}",
        at_us=payer.at_us,
        key_id=payer.key_id,
        key_name=payer.key_name,
        tenant=payer.tenant,
        face=payer.face,
        requested=payer.requested,
        provider=CACHE,
        stream=payer.stream,
        usage=Usage(),
        estimated=False,
        cost=cost,
        ttft_us=None,
        latency_us=0,
        attempts=(),
        queued_us=0,
        cache=PART,
        source=entry.request_id,
        saved=0,
    )


def _got(rider: Rider, entry: Entry) -> bool:
    """It has something of the answer, or will have all of it."""
    if entry.outcome == "error" or entry.status != 200:
        return False
    return rider.has_some and (rider.call.streams or entry.outcome == "ok")


def _book_rider(
    rider: Rider,
    made: Call,
    entry: Entry,
    share: PicoUsd | None,
    books: Books,
    *,
    elsewhere: PicoUsd | None = 0,
) -> None:
    """
    Args:
        share: what it pays here.
        elsewhere: what it pays in the books of another gateway.
    """
    call, cost, failure = rider.call, entry.cost, made.failure
    got = _got(rider, entry)
    call.settled, call.route, call.source = False, made.route, made.arrival.request_id
    call.cache, call.error = "coalesced", entry.error
    if cost is None or share is None or elsewhere is None:
        call.saved = None
    else:
        call.saved = cost - share - elsewhere if got else 0
    call.booking = _at(share)
    if got and call.first_byte is None:
        over = made.arrival.started + entry.latency_us / 1e6
        call.first_byte = made.first_byte if call.streams else over
    _follow_choice(call, made)
    status, outcome = entry.status, entry.outcome
    if rider.seat.gone if outcome != "ok" else rider.left:
        outcome = _left(rider)
    elif outcome == "cut":
        outcome = "broken" if call.streams and rider.flight.following.begun else "error"
    elif outcome == "broken" and not call.streams and failure is not None:
        status, outcome = failure.status, "error"
    books.account(call, status, outcome)
    if elsewhere != 0:
        call.cost = elsewhere  # what its client is told


def _at(share: PicoUsd | None) -> Callable[[Entry, Record], None]:
    return lambda entry, record: record(msgspec.structs.replace(entry, cost=share))


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
