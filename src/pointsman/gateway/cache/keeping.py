"""Keep answers that came, if they are whole and may be given again: from what clients were sent of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from pointsman.caching.kept.memory import MemoryStore
from pointsman.caching.kept.stored import Stored, Told, folded, pack
from pointsman.caching.rules.policy import why_not_kept
from pointsman.caching.shared.answers import SharedAnswers
from pointsman.caching.shared.purges import Purges
from pointsman.chat import Response
from pointsman.errors import PointsmanError
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Answer
from pointsman.gateway.flights.retelling import UNREADABLE

from .asking import identity, meant
from .cascaded import cost_of_all, was_believed
from .forms import form_of
from .hearing import heard
from .metrics import CacheMetrics
from .translated import is_lossy

Learn = Callable[[Call, bytes, Response], None]


class Keeper:
    """For an answer cache.

    Args:
        most: bytes of an answer, beyond which it is not even gathered.
    """

    def __init__(self, store: MemoryStore, metrics: CacheMetrics, clock: Clock, most: int) -> None:
        self.most = most
        self.purges = Purges(clock.monotonic)
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
            await self.landed(call, answer, answer.body)
        else:
            answer.body = gathered = self._gathered(call, answer.body)
            await anext(gathered)  # begun: closing it closes the stream, even if nobody comes to read it
        return answer

    async def landed(self, call: Call, answer: Answer, body: bytes | None) -> bool:
        """Keep an answer that is over. Whether it may be, and is.

        Args:
            body: of a stream too; None: it is too large.
        """
        if not call.keep_as or answer.status != 200:
            return False
        if body is None:
            self._metrics.not_stored["too_large"] += 1
            return False
        return await self._keep(call, [body])

    def is_purged(self, call: Call, model: str, tags: tuple[str, ...]) -> bool:
        """An answer by ``model`` was to be forgotten while ``call`` was under way."""
        arrival = call.arrival
        return self.purges.mean(arrival.started, tenant=arrival.key.tenant, model=model, tags=tags)

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
                await self._keep(call, pieces)

    async def _keep(self, call: Call, pieces: list[bytes]) -> bool:
        """Keep it, if it is whole and one that may be given again. Whether it is."""
        record = _answered(call)
        if record is None:
            self._metrics.not_stored["not_whole"] += 1
            return False
        plan = call.plan
        assert plan is not None
        form = form_of(call)
        try:
            response = await heard(call.arrival.face, form, pieces)
        except (PointsmanError, *UNREADABLE):
            self._metrics.not_stored["unreadable"] += 1
            return False
        key, answered, cost = call.keep_as, identity(record.route), record.cost
        asked = answered if answered in (models := meant(plan)) else models[0]
        if believed := was_believed(call, record):
            key, asked, cost = call.keep_believed_as, answered, cost_of_all(call.attempts)
        if lost := response is not None and is_lossy(call, record, response):
            key = call.keep_translated_as
        if response is None:
            why = "not_whole"
        elif lost and (believed or not key):
            why = "translated"
        else:
            why = why_not_kept(response, asked=asked, answered=answered)
        if not why and self.is_purged(call, record.route.name, call.tags):
            why = "purged"
        if why:
            self._metrics.not_stored[why] += 1
            return False
        stored = Stored(
            (Told(form, folded(form, b"".join(pieces))),),
            key,
            record.route.name,
            record.route.provider.name,
            self._clock.now_us(),
            cost,
            call.arrival.request_id,
            call.tags,
            None if record.estimated or form.tells_usage else record.usage,
            record.dropped,
        )
        body, tenant = pack(stored), call.arrival.key.tenant
        kept = self._store.put(
            key, body, ttl=call.keep_for, tenant=tenant, route=stored.model, tags=call.tags
        )
        if self.shared is not None:
            self.shared.put(key, body, ttl=call.keep_for, tenant=tenant, model=stored.model, tags=call.tags)
        if kept and self.learn is not None and response is not None and key is call.keep_as:
            self.learn(call, key, response)
        return kept or self.shared is not None


def _answered(call: Call) -> AttemptRecord | None:
    """The one attempt that gave the client all of its answer; None if there is none, or more than one did."""
    if not call.settled or call.outcome != "ok":
        return None
    if any(record.outcome == "broken" for record in call.attempts):
        return None
    return next((r for r in call.attempts if r.route is call.route and r.outcome == "ok"), None)
