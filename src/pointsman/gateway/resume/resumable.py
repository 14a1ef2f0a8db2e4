"""Streams that a client can come back to without an idempotency key: by the id of the last event it has.

A stream that was wished to be so is made by a task of its own, which its clients follow, as under an
idempotency key (``idempotency.py``); but its name is the id of its request, which its events bear, and it is
held in memory alone, for a while.

    under way ── its end ──> ended ── keep, or want of room ──> gone
        ├── all have left ── linger ──> given up: the provider is told ──> gone
        └── larger than its buffer ──> who is there has the rest of it, and nobody can come back; without
                                       anybody, the provider is told ──> gone

Others than its virtual key are told the same as of a stream that never was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

import msgspec

from pointsman.caching.idempotency.idempotency import fingerprint_of
from pointsman.config.streams import StreamSettings
from pointsman.errors import InvalidRequest, MethodNotAllowed, PointsmanError
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.edge.answered import answered
from pointsman.gateway.edge.faces import Run

from .event_ids import (
    LAST_EVENT_ID,
    WISH,
    EventId,
    no_such_event,
    other_body,
    read_event_id,
    read_starting_after,
    stream_gone,
)
from .following import STREAM_BYTES, Following, Seat
from .held import Held
from .idempotency import HEADER
from .lingering import Lingering, Tasks
from .stream_metrics import RESUMED, StreamMetrics

_PATH, _PATH_END = "/v1/requests/", "/stream"
Name = tuple[str, str]
"""The virtual key's id and the request's."""


class _Stream(msgspec.Struct, eq=False):
    name: Name
    fingerprint: bytes
    following: Following
    lingering: Lingering
    expiry: asyncio.TimerHandle | None = None


class ResumableStreams:
    """Wraps actions. One per gateway.

    Args:
        grace: seconds that what is under way has to end when it is told to.
    """

    def __init__(
        self, given: StreamSettings, metrics: StreamMetrics | None = None, *, grace: float = 5.0
    ) -> None:
        self.metrics = metrics or StreamMetrics()
        self.metrics.held = lambda: self._held.bytes
        self.metrics.kept = lambda: len(self._streams)
        self._given = given
        self._grace = grace
        self._held = Held(given.max_mb << 20, self._evict)
        self._streams: dict[Name, _Stream] = {}
        self._ended: dict[Name, _Stream] = {}
        """In the order in which they ended."""
        self._tasks = Tasks()

    def around(self, run: Run) -> Run:
        """The action, with its streams resumable where that is wished for. Others pass as they are."""
        always = self._given.resumable

        def resumable(arrival: Arrival) -> Awaitable[Answer]:
            headers = arrival.headers
            if not always and WISH not in headers and LAST_EVENT_ID not in headers:
                return run(arrival)
            return self._answer(run, arrival)

        return resumable

    def or_else(self, run: Run) -> Run:
        """What answers below ``/v1/requests/``: the rest of a stream, or ``run``."""

        def by_path(arrival: Arrival) -> Awaitable[Answer]:
            return self._rest(arrival) if named(arrival.path) else run(arrival)

        return by_path

    async def stop(self, arrival: Arrival) -> Answer:
        """``DELETE /v1/requests/ID/stream``: its client will not come back.

        Raises:
            NotFound: no such stream of this key.
            MethodNotAllowed: another path.
        """
        request_id = named(arrival.path)
        if not request_id:
            raise MethodNotAllowed(f"{arrival.path} takes GET, not DELETE.")
        stream = self._find(arrival, request_id)
        if stream.following.done:
            self._forget(stream)
        else:
            stream.lingering.leave.now()
        return _nothing(arrival)

    async def close(self) -> None:
        """Give up what is under way, once that is booked."""
        for stream in list(self._streams.values()):
            stream.lingering.leave.now()
        await self._tasks.wind_up(self._grace)
        for stream in list(self._streams.values()):
            self._forget(stream)

    async def _answer(self, run: Run, arrival: Arrival) -> Answer:
        headers = arrival.headers
        if HEADER in headers:
            return await run(arrival)
        with self._counted():
            last = read_event_id(headers.get(LAST_EVENT_ID, b""))
            if last is not None:
                stream = self._find(arrival, last.request_id)
                if fingerprint_of(arrival.path, arrival.query, arrival.body) != stream.fingerprint:
                    raise other_body(last.request_id)
                return await stream.following.answer(self._seat(stream, arrival, last), [])
        if not (self._is_wished(arrival) and _wants_stream(arrival) and self._has_room()):
            return await run(arrival)
        stream = self._take_off(run, arrival)
        return await stream.following.answer(stream.following.sit(arrival.leave), [])

    # -- to come back

    async def _rest(self, arrival: Arrival) -> Answer:
        """``GET /v1/requests/ID/stream``: what follows the ``Last-Event-ID``, or else the event
        with the number ``starting_after``, or all of it.

        Raises:
            NotFound: no such stream of this key.
            Conflict: the id is of another one.
            InvalidRequest: no such event in it.
        """
        request_id = named(arrival.path)
        with self._counted():
            stream = self._find(arrival, request_id)
            last = read_event_id(arrival.headers.get(LAST_EVENT_ID, b""))
            if last is None:
                last = read_starting_after(arrival.query, request_id)
            if last.request_id != request_id:
                raise other_body(last.request_id)
            seat = self._seat(stream, arrival, last)
        following = stream.following
        if following.at_end(seat):
            following.give_back(seat)
            return _nothing(arrival)  # so that a browser's EventSource does not come again and again
        return await following.answer(seat, [])

    def _find(self, arrival: Arrival, request_id: str) -> _Stream:
        stream = self._streams.get((arrival.key.id, request_id))
        if stream is None or (stream.lingering.leave.gone and not stream.following.done):
            raise stream_gone(request_id)
        return stream

    def _seat(self, stream: _Stream, arrival: Arrival, last: EventId) -> Seat:
        following = stream.following
        stream.lingering.stop()
        seat = following.sit(arrival.leave)
        if not following.go_behind(seat, last):
            following.give_back(seat)
            raise stream_gone(last.request_id) if following.over else no_such_event(last)
        self.metrics.resumed["ended" if following.done else "live"] += 1
        return seat

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except PointsmanError as error:
            if error.code in RESUMED:
                self.metrics.resumed[RESUMED[error.code]] += 1
            raise

    # -- the stream

    def _is_wished(self, arrival: Arrival) -> bool:
        wish = arrival.headers.get(WISH)
        if wish is None:
            return self._given.resumable
        said = wish.strip().lower()
        if said not in (b"true", b"false"):
            raise InvalidRequest(f"{WISH.decode()} is true or false.", param=WISH.decode())
        return said == b"true"

    def _take_off(self, run: Run, arrival: Arrival) -> _Stream:
        lingering = Lingering(self._given.linger)
        following = Following(self._given.max_stream_mb << 20, self._held, lambda: self._deserted(stream))
        stream = _Stream(
            (arrival.key.id, arrival.request_id),
            fingerprint_of(arrival.path, arrival.query, arrival.body),
            following,
            lingering,
        )
        self._streams[stream.name] = stream
        self._held.bytes += STREAM_BYTES
        self.metrics.begun += 1
        self._tasks.begin(self._fly(stream, run, msgspec.structs.replace(arrival, leave=lingering.leave)))
        return stream

    def _deserted(self, stream: _Stream) -> None:
        """Who knows the name of the stream, which is in its head, may come back to what is held of it."""
        following = stream.following
        may_come = following.begun and following.streamed and not following.over
        stream.lingering.alone(for_good=not may_come)

    async def _fly(self, stream: _Stream, run: Run, arrival: Arrival) -> None:
        async def work() -> None:
            await following.take(await answered(run, arrival), arrival.request_id)
            following.end()

        following = stream.following
        try:
            await following.made_by(work(), arrival.request_id)
        finally:
            stream.lingering.stop()
            self._landed(stream)

    def _landed(self, stream: _Stream) -> None:
        """It has ended: it is kept for a while, if it is one that can be resumed."""
        following = stream.following
        given_up = stream.lingering.leave.gone
        if following.over:
            self.metrics.fates["too_large" if following.too_large else "evicted"] += 1
        elif given_up:
            self.metrics.fates["given_up"] += 1
        if given_up or following.over or not following.streamed or following.broken is not None:
            self._forget(stream)
            return
        self._ended[stream.name] = stream
        stream.expiry = asyncio.get_running_loop().call_later(self._given.keep, self._expire, stream)

    def _expire(self, stream: _Stream) -> None:
        self.metrics.fates["expired"] += 1
        self._forget(stream)

    def _has_room(self) -> bool:
        """For one stream more; else it passes as it would without a wish, and its head says nothing."""
        if self._held.has_room(STREAM_BYTES):
            return True
        self.metrics.fates["no_room"] += 1
        return False

    def _evict(self) -> bool:
        """The one that ended first."""
        if not self._ended:
            return False
        self.metrics.fates["evicted"] += 1
        self._forget(next(iter(self._ended.values())))
        return True

    def _forget(self, stream: _Stream) -> None:
        """Who reads it has it to its end."""
        if self._streams.pop(stream.name, None) is None:
            return
        self._ended.pop(stream.name, None)
        if stream.expiry is not None:
            stream.expiry.cancel()
        self._held.bytes -= STREAM_BYTES
        stream.following.release()


def named(path: str) -> str:
    """The request of ``/v1/requests/ID/stream``; "" where it is another path."""
    if not path.endswith(_PATH_END):
        return ""
    return path[len(_PATH) : -len(_PATH_END)]


def _nothing(arrival: Arrival) -> Answer:
    ident = arrival.request_id.encode()
    return Answer(204, [(b"x-request-id", ident), (b"request-id", ident)], b"")


def _wants_stream(arrival: Arrival) -> bool:
    """It asks for a stream. What cannot be read is refused by whoever answers it."""
    if b"stream" not in arrival.body:
        return False
    try:
        return arrival.face.peek(arrival.body).stream
    except PointsmanError:
        return False
