"""Around the sending of a request: an answer that is kept is given again, and one that came is kept.

What is kept is the answer in the hub's words, so that it serves both dialects, whole and streamed. A hit asks
nobody, reserves nothing and costs nothing; the ledger has it as answered by the provider "cache".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial

import msgspec

from pointsman.caching.key import Asked, Keys, Partition, answer_headers
from pointsman.caching.memory import MemoryStore
from pointsman.caching.policy import CacheRules, Decision, decide, not_stored, why_not_kept
from pointsman.caching.replay import response_of
from pointsman.caching.stored import Stored, pack, unpack
from pointsman.caching.tags import HEADER, parse_tags
from pointsman.chat import RedactedThinking, Request, Response, StreamEnd, StreamEvent, StreamStart, Thinking
from pointsman.costs import format_usd
from pointsman.errors import PointsmanError
from pointsman.http1 import EventSplitter, iter_events

from .account import AttemptRecord
from .cache_metrics import CacheMetrics, CachePurge, CacheView
from .cache_reading import Foreign, read_cacheable
from .call import Call
from .ports import Clock
from .refusal import once
from .respond import CACHE, replay_headers
from .values import Answer

TAG = HEADER.encode()
_LARGEST = 10
"""Part of the bound beyond which an answer is not even gathered."""
Account = Callable[[Call, int, str], None]
Send = Callable[[Call], Awaitable[Answer]]


class AnswerCache:
    """One per gateway.

    Args:
        account: books a request that was answered from here.
    """

    def __init__(
        self, rules: CacheRules, max_bytes: int, *, clock: Clock, account: Account, keys: Keys | None = None
    ) -> None:
        self.metrics = CacheMetrics()
        self.store = MemoryStore(max_bytes, clock.monotonic)
        self._rules = rules
        self._most = max_bytes // _LARGEST
        self._clock = clock
        self._account = account
        self._keys = keys or Keys()

    async def around(self, call: Call, send: Send) -> Answer:
        """The answer that is kept, or that of ``send``.

        Raises:
            InvalidRequest: it names a tag that is none.
            NotStored: there is none, and the client forbids to ask for one.
        """
        if call.cache:  # it has been looked for, before it had to wait
            return await self._watched(call, await send(call))
        decision = self._decide(call)
        try:
            key = b"" if decision.bypass else self._key(call)
        except Foreign:
            decision = Decision(False, False, only_if_cached=decision.only_if_cached, why="foreign")
        if decision.bypass:
            self.metrics.bypassed[decision.why] += 1
            call.cache = "bypass"
        else:
            found = self._find(key, decision)
            if found is not None:
                return self._replay(call, found)
            self.metrics.misses += 1
            call.cache = "miss"
        if decision.only_if_cached:
            raise not_stored()
        if decision.store:
            call.keep_as, call.keep_for = key, decision.ttl
        return await self._watched(call, await send(call))

    def view(self) -> CacheView:
        counted, kept = self.metrics, self.store.stats()
        return CacheView(
            entries=kept.entries,
            bytes=kept.bytes,
            max_bytes=kept.max_bytes,
            hits=counted.hits,
            misses=counted.misses,
            bypassed=dict(counted.bypassed),
            stored=kept.stored,
            not_stored=dict(counted.not_stored),
            rejected=kept.rejected,
            evicted=kept.evicted,
            expired=kept.expired,
            saved_usd=format_usd(counted.saved),
            lines=counted.lines(),
        )

    def purge(self, which: CachePurge) -> int:
        """Forget the answers that all of its conditions hold for; returns how many there were."""
        return self.store.purge(
            tag=which.tag, tenant=which.tenant, route=which.model, older_than=which.older_than
        )

    # -- looking

    def _decide(self, call: Call) -> Decision:
        peek, plan, headers = call.peek, call.plan, call.arrival.headers
        assert peek is not None and plan is not None
        call.tags = parse_tags(headers.get(TAG))
        return decide(
            self._rules,
            peek.fields,
            defaults=plan.defaults,
            cache_control=headers.get(b"cache-control"),
            wish=headers.get(CACHE),
        )

    def _key(self, call: Call) -> bytes:
        arrival, plan = call.arrival, call.plan
        assert plan is not None
        face = arrival.face
        asked = Asked(
            face.name,
            arrival.body,
            plan.route.name,
            plan.defaults,
            answer_headers(arrival.headers) if _in_own_dialect(call) else (),
            arrival.query,
        )
        # who has keys and no tenants has one tenant for each key
        key = arrival.key
        partition = Partition(key.tenant, "" if key.tenant else key.id)
        return self._keys.key(partition, asked, partial(read_cacheable, face))

    def _find(self, key: bytes, decision: Decision) -> Stored | None:
        if not decision.look:
            return None
        kept = self.store.get(key)
        if kept is None:
            return None
        now = self._clock.monotonic()
        return unpack(kept.body) if decision.accepts(now - kept.stored, kept.expires - now) else None

    def _replay(self, call: Call, stored: Stored) -> Answer:
        arrival = call.arrival
        call.cache, call.source, call.saved = "hit", stored.request_id, stored.cost
        call.first_byte = self._clock.monotonic()
        if call.streams:
            encode = arrival.face.stream_encoder(_as_streamed(call)).encode
            body: bytes | AsyncGenerator[bytes, None] = once(b"".join(map(encode, stored.events)))
        else:
            body = arrival.face.encode_response(stored.response)
        self.metrics.hits += 1
        self.metrics.saved += stored.cost or 0
        self._account(call, 200, "cut" if arrival.leave.gone else "ok")
        return Answer(200, replay_headers(call, stored, stored.age(arrival.at_us)), body)

    # -- keeping

    async def _watched(self, call: Call, answer: Answer) -> Answer:
        """The answer, kept as it goes by."""
        if not call.keep_as or answer.status != 200:
            return answer
        if isinstance(answer.body, bytes):
            self._keep(call, partial(call.arrival.face.decode_response, answer.body))
        else:
            answer.body = gathered = self._gathered(call, answer.body)
            await anext(gathered)  # begun: closing it closes the stream, even if nobody comes to read it
        return answer

    async def _gathered(self, call: Call, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The stream, behind an empty piece, and kept once it has gone by."""
        pieces: list[bytes] = []
        size = 0
        try:
            yield b""
            async for piece in stream:
                size += len(piece)
                if size <= self._most:
                    pieces.append(piece)
                yield piece
        finally:
            await stream.aclose()
            if size > self._most:
                self.metrics.not_stored["too_large"] += 1
            else:
                self._keep(call, partial(_events, call, pieces))

    def _keep(self, call: Call, read: Callable[[], Response | tuple[StreamEvent, ...]]) -> None:
        """Keep it, if it is whole and one that may be given again."""
        record = _answered(call)
        if record is None:
            self.metrics.not_stored["not_whole"] += 1
            return
        plan = call.plan
        assert plan is not None
        try:
            said = _completed(read(), call, record)
        except (PointsmanError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.metrics.not_stored["unreadable"] += 1
            return
        response = said if isinstance(said, Response) else response_of(said)
        asked, answered = plan.route.name, record.route.name
        if response is None:
            why = "not_whole"
        elif record.crosses and _loses(call, response):
            why = "translated"
        else:
            why = why_not_kept(response, asked=asked, answered=answered)
        if why:
            self.metrics.not_stored[why] += 1
            return
        stored = Stored(
            said,
            record.route.name,
            record.route.provider.name,
            self._clock.now_us(),
            record.cost,
            call.arrival.request_id,
            call.tags,
        )
        self.store.put(
            call.keep_as,
            pack(stored),
            ttl=call.keep_for,
            tenant=call.arrival.key.tenant,
            route=stored.model,
            tags=call.tags,
        )


def _in_own_dialect(call: Call) -> bool:
    """It may go to a provider of the client's dialect, which understands the headers of that."""
    face, plan = call.arrival.face, call.plan
    assert plan is not None
    return plan.route.dialect is face or any(
        route.dialect is face for stage in plan.stages for route in stage.routes
    )


def _as_streamed(call: Call) -> Request:
    """As much of the request as the shape of a stream depends on: a prompt is not read for it."""
    peek = call.peek
    assert peek is not None
    return Request(peek.model, (), stream=True, stream_usage=peek.wants_stream_usage)


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
