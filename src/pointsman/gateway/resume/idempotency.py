"""Around actions: one key, one answer (see ``caching/idempotency/idempotency.py``).

The first request of a key is made by a task of its own, which the clients of that key only follow: any of
them may leave, the first one too. When all have left it is gone on with for a while (``linger``), so that who
comes back gets what is paid for; then the provider is told, and as the answer is not whole nothing is kept.

The events of a stream bear ids (``event_ids``), and who comes back with the key and a ``Last-Event-ID`` gets
what follows that event. Such a request never asks a provider.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec

from pointsman.caching.idempotency.idempotency import (
    Asked,
    Begun,
    IdempotencyPolicy,
    IdempotencyStore,
    asked_of,
    is_final,
    judge,
)
from pointsman.errors import PointsmanError, ServerBusy
from pointsman.gateway.call.values import Answer, Arrival, HeaderList
from pointsman.gateway.edge.answered import answered
from pointsman.gateway.edge.faces import Run
from pointsman.ledger.entry import Entry, Ledger

from .event_ids import LAST_EVENT_ID, EventId, read_event_id, stream_gone
from .following import STREAM_BYTES, Following
from .held import Held
from .idempotency_metrics import IdempotencyMetrics, Result
from .lingering import Lingering, Tasks
from .repeats import REPLAY_ID, repeat_of
from .stream_metrics import RESUMED, StreamMetrics
from .under_key import UnderKey

HEADER = b"idempotency-key"
REPLAYED = (b"idempotent-replayed", b"true")
_ATTEMPTS = b"x-pointsman-attempts"
_UNDER_WAY = 4
"""Times the largest answer: bytes of all answers under way that are held."""
_RESULTS: dict[str, Result] = {
    "idempotency_key_reused": "other_request",
    "idempotency_in_progress": "under_way",
    "idempotency_unknown": "unknown",
    "idempotency_answer_too_large": "too_large",
    "invalid_idempotency_key": "bad_key",
    **dict.fromkeys(RESUMED, "not_resumed"),
}
_log = logging.getLogger("pointsman.idempotency")


class Idempotency:
    """Wraps actions. One per gateway.

    Args:
        ledger: asked how a stream ended, and whether a request was sent before its process died.
        record: books a request that was given the answer to another one.
        monotonic: seconds.
        streams: counts those that are resumed.
        grace: seconds that what is under way has to end when it is told to.
    """

    def __init__(
        self,
        store: IdempotencyStore,
        policy: IdempotencyPolicy,
        ledger: Ledger,
        *,
        record: Callable[[Entry], None],
        monotonic: Callable[[], float],
        streams: StreamMetrics | None = None,
        grace: float = 5.0,
    ) -> None:
        self.metrics = IdempotencyMetrics()
        self._streams = streams or StreamMetrics()
        self.metrics.evicted = lambda: store.evicted
        self._store = store
        self._policy = policy
        self._ledger = ledger
        self._record = record
        self._monotonic = monotonic
        self._grace = grace
        self._held = Held(_UNDER_WAY * policy.most_answer)
        self._flights: dict[bytes, UnderKey] = {}
        self._tasks = Tasks()

    def around(self, run: Run) -> Run:
        """The action, with its requests that bear a key answered once. Others pass as they are."""

        def once(arrival: Arrival) -> Awaitable[Answer]:
            if HEADER not in arrival.headers:
                return run(arrival)
            return self._once(run, arrival)

        return once

    async def close(self, patience: float = 0.0) -> None:
        """Give up what is under way, once that is booked; what is final is kept.

        Args:
            patience: seconds for which it may come to its end first, also where no client is there.
        """
        await self._tasks.ended(patience)
        for flight in list(self._flights.values()):
            flight.lingering.leave.now()
        await self._tasks.wind_up(self._grace)
        await self._store.close()

    async def _once(self, run: Run, arrival: Arrival) -> Answer:
        try:
            answer, result = await self._answer(run, arrival)
        except PointsmanError as error:
            self.metrics.requests[_RESULTS.get(error.code, "away")] += 1
            if error.code in RESUMED:
                self._streams.resumed[RESUMED[error.code]] += 1
            raise
        self.metrics.requests[result] += 1
        return answer

    async def _answer(self, run: Run, arrival: Arrival) -> tuple[Answer, Result]:
        asked = asked_of(
            arrival.headers[HEADER],
            key_id=arrival.key.id,
            path=arrival.path,
            query=arrival.query,
            body=arrival.body,
            request_id=arrival.request_id,
            at_us=arrival.at_us,
        )
        last = read_event_id(arrival.headers.get(LAST_EVENT_ID, b""))
        flight = await self._flight_of(asked, last)
        first = flight is None
        if flight is None:
            flight = self._take_off(run, arrival, asked, "" if last is None else last.request_id)
        following = flight.following
        flight.lingering.stop()
        seat = following.sit(arrival.leave)
        try:
            await flight.until_known()
            flight.check(asked, seat)
            if last is not None and following.error is None:
                flight.go_behind(last, seat)
                self._streams.resumed["ended" if flight.kept else "live"] += 1
        except BaseException:
            following.give_back(seat)
            raise
        if first and flight.claimed:
            return await following.answer(seat, []), "first"
        result: Result = "replayed" if flight.kept else "followed"
        if last is not None:  # no request more, but the rest of one
            return await following.answer(seat, [REPLAYED]), result
        own_id = REPLAY_ID, arrival.request_id.encode("ascii")
        answer = await following.answer(seat, [REPLAYED, own_id])
        self._tasks.begin(self._book(flight, arrival, self._monotonic() if following.streamed else None))
        return answer, result

    async def _flight_of(self, asked: Asked, last: EventId | None) -> UnderKey | None:
        """What is under way, and can be followed."""
        while (flight := self._flights.get(asked.ident)) is not None:
            if flight.lingering.leave.gone and not flight.following.done:
                await flight.following.ended()  # given up: it is booked first
            elif flight.looks_for and last is None and not flight.known:
                await flight.until_known()
            else:
                return flight
        return None

    # -- the flight

    def _take_off(self, run: Run, arrival: Arrival, asked: Asked, looks_for: str) -> UnderKey:
        lingering = Lingering(self._policy.linger)
        following = Following(self._policy.most_answer, self._held, lambda: flight.deserted())
        flight = UnderKey(asked, following, lingering, looks_for)
        self._flights[asked.ident] = flight
        self._held.bytes += STREAM_BYTES
        self._held.is_full()  # then what nobody reads has to go
        self._tasks.begin(self._fly(flight, run, arrival))
        return flight

    async def _book(self, flight: UnderKey, arrival: Arrival, began: float | None) -> None:
        """What has no entry itself, as the counting of tokens, has none when it is repeated."""
        await flight.following.ended()
        ended = self._monotonic()
        first = await self._ledger.find(flight.asked.request_id)
        if first is not None:
            self._record(repeat_of(first, arrival, began=began, ended=ended))

    async def _fly(self, flight: UnderKey, run: Run, arrival: Arrival) -> None:
        try:
            await flight.following.made_by(self._find_or_ask(flight, run, arrival), arrival.request_id)
        finally:
            flight.lingering.stop()
            self._land(flight)
            self._held.bytes -= STREAM_BYTES
            flight.following.release()

    async def _find_or_ask(self, flight: UnderKey, run: Run, arrival: Arrival) -> None:
        if await self._claim(flight):
            await self._ask(flight, run, arrival)

    def _land(self, flight: UnderKey) -> None:
        """Who comes from now on asks the store."""
        ident = flight.asked.ident
        if self._flights.get(ident) is flight:
            del self._flights[ident]

    async def _claim(self, flight: UnderKey) -> bool:
        """Whether it is to be asked. Raises PointsmanError: neither that, nor is there an answer."""
        asked = flight.asked
        found = await self._store.claim(asked)
        while isinstance(found, Begun):
            entry = await self._ledger.find(found.request_id)
            judge(asked, found, sent=entry is not None and bool(entry.attempts))
            found = await self._store.claim(asked, instead_of=found.request_id)
        if found is None:
            if flight.looks_for:
                await self._store.forget(asked)
                raise stream_gone(flight.looks_for)
            flight.claim()
            return True
        kept = judge(asked, found, sent=True)
        assert kept is not None, "what is kept is replayed, or refused"
        flight.replay(kept)
        return False

    async def _ask(self, flight: UnderKey, run: Run, arrival: Arrival) -> None:
        following, asked = flight.following, flight.asked
        answer = await answered(run, msgspec.structs.replace(arrival, leave=flight.lingering.leave))
        await following.take(answer, asked.request_id)
        if following.streamed:
            entry = await self._ledger.find(asked.request_id)
            final = flight.outgrown or (entry is not None and entry.outcome == "ok")
        else:
            final = is_final(answer.status, sent=_was_sent(answer.headers))
        if final:
            stored = self._store.finish(asked, flight.answer())
        else:
            self._land(flight)
            stored = self._store.forget(asked)
        following.end()
        await self._stored(stored, final=final)

    async def _stored(self, stored: Awaitable[None], *, final: bool) -> None:
        try:
            await stored
        except ServerBusy as error:
            self.metrics.lost += final
            _log.warning("%s", error.message)
        else:
            self.metrics.kept += final


def _was_sent(headers: HeaderList) -> bool:
    return any(name == _ATTEMPTS and value != b"0" for name, value in headers)
