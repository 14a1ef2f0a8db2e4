"""Keep answers that came, if they are whole and may be given again: from what clients were sent of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial

import msgspec

from pointsman.caching.memory import MemoryStore
from pointsman.caching.policy import why_not_kept
from pointsman.caching.replay import response_of
from pointsman.caching.shared_answers import SharedAnswers
from pointsman.caching.stored import Stored, pack
from pointsman.chat import RedactedThinking, Response, StreamEnd, StreamEvent, StreamStart, Thinking
from pointsman.errors import PointsmanError
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Answer
from pointsman.gateway.flights.retelling import UNREADABLE
from pointsman.http1 import EventSplitter, iter_events

from .cascaded import cost_of_all, was_believed
from .metrics import CacheMetrics

Learn = Callable[[Call, bytes, Response], None]


class Keeper:
    """For an answer cache.

    Args:
        most: bytes of an answer, beyond which it is not even gathered.
    """

    def __init__(self, store: MemoryStore, metrics: CacheMetrics, clock: Clock, most: int) -> None:
        self.most = most
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self.shared: SharedAnswers | None = None
        """Where answers are kept for other processes, too."""
        self.learn: Learn | None = None
        """Told of each answer that is kept, and under which key."""

    async def watched(self, call: Call, answer: Answer) -> Answer:
        """The answer, kept as it goes by."""
        if not call.keep_as or answer.status != 200:
            return answer
        if isinstance(answer.body, bytes):
            self.landed(call, answer, answer.body)
        else:
            answer.body = gathered = self._gathered(call, answer.body)
            await anext(gathered)  # begun: closing it closes the stream, even if nobody comes to read it
        return answer

    def landed(self, call: Call, answer: Answer, body: bytes | None) -> bool:
        """Keep an answer that is over. Whether it may be, and is.

        Args:
            body: of a stream too; None: it is too large.
        """
        if not call.keep_as or answer.status != 200:
            return False
        if body is None:
            self._metrics.not_stored["too_large"] += 1
            return False
        if isinstance(answer.body, bytes):
            return self._keep(call, partial(call.arrival.face.decode_response, body))
        return self._keep(call, partial(_events, call, [body]))

    async def _gathered(self, call: Call, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The stream, behind an empty piece, and kept once it has gone by."""
        pieces: list[bytes] = []
        size = 0
        try:
            yield b""
            async for piece in stream:
                size += len(piece)
                if size <= self.most:
                    pieces.append(piece)
                yield piece
        finally:
            await stream.aclose()
            if size > self.most:
                self._metrics.not_stored["too_large"] += 1
            else:
                self._keep(call, partial(_events, call, pieces))

    def _keep(self, call: Call, read: Callable[[], Response | tuple[StreamEvent, ...]]) -> bool:
        """Keep it, if it is whole and one that may be given again. Whether it is."""
        record = _answered(call)
        if record is None:
            self._metrics.not_stored["not_whole"] += 1
            return False
        plan = call.plan
        assert plan is not None
        try:
            said = _completed(read(), call, record)
        except (PointsmanError, *UNREADABLE):
            self._metrics.not_stored["unreadable"] += 1
            return False
        response = said if isinstance(said, Response) else response_of(said)
        key, answered, cost = call.keep_as, record.route.name, record.cost
        asked = answered if answered in plan.models else plan.route.name
        if was_believed(call, record):
            key, asked, cost = call.keep_believed_as, answered, cost_of_all(call.attempts)
        if response is None:
            why = "not_whole"
        elif record.crosses and _loses(call, response):
            why = "translated"
        else:
            why = why_not_kept(response, asked=asked, answered=answered)
        if why:
            self._metrics.not_stored[why] += 1
            return False
        stored = Stored(
            said,
            record.route.name,
            record.route.provider.name,
            self._clock.now_us(),
            cost,
            call.arrival.request_id,
            call.tags,
        )
        body, tenant = pack(stored), call.arrival.key.tenant
        self._store.put(key, body, ttl=call.keep_for, tenant=tenant, route=stored.model, tags=call.tags)
        if self.shared is not None:
            self.shared.put(key, body, ttl=call.keep_for, tenant=tenant, model=stored.model, tags=call.tags)
        if self.learn is not None and response is not None and key is call.keep_as:
            self.learn(call, key, response)
        return True


def _answered(call: Call) -> AttemptRecord | None:
    """The one attempt that gave the client all of its answer; None if there is none, or more than one did."""
    if not call.settled or call.outcome != "ok":
        return None
    if any(record.outcome == "broken" for record in call.attempts):
        return None
    return next((r for r in call.attempts if r.route is call.route and r.outcome == "ok"), None)


def _loses(call: Call, response: Response) -> bool:
    """A client of the provider's own dialect would have been told more: signatures, or what it stopped at."""
    thinks = any(isinstance(part, Thinking | RedactedThinking) for part in response.parts)
    return thinks or bool(call.request.stop)


def _events(call: Call, pieces: list[bytes]) -> tuple[StreamEvent, ...]:
    """Raises PointsmanError: it cannot be read."""
    decoder, splitter = call.arrival.face.stream_decoder(), EventSplitter()
    blocks = [*(splitter.feed(piece) for piece in pieces if piece), splitter.rest()]
    return tuple(
        [event for block in blocks for name, data in iter_events(block) for event in decoder.feed(name, data)]
    )


def _completed(
    said: Response | tuple[StreamEvent, ...], call: Call, record: AttemptRecord
) -> Response | tuple[StreamEvent, ...]:
    """With what not every client is told: when, and the usage of a stream."""
    created = call.arrival.at_us // 1_000_000
    usage = None if record.estimated else record.usage
    replace = msgspec.structs.replace
    if isinstance(said, Response):
        return replace(said, created=said.created or created, usage=usage or said.usage)
    return tuple(
        [
            replace(event, created=event.created or created)
            if isinstance(event, StreamStart)
            else replace(event, usage=usage or event.usage)
            if isinstance(event, StreamEnd)
            else event
            for event in said
        ]
    )
