"""Shadows: a share of a route's requests is answered by the other models of its pool too, behind the client's
back. What comes of it are labels, from which the route learns and by which it is certified.

Nothing of it delays a client or can fail its request: the answer has left, or is leaving, when it begins, and
a stream is only kept as it goes by.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping

import msgspec

from pointsman.chat import Response, Stop, StreamEnd, Text
from pointsman.errors import PointsmanError
from pointsman.gateway.auto.gradable import ungradable
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.chosen import Chosen
from pointsman.gateway.call.overheard import Heard
from pointsman.gateway.call.ports import Random
from pointsman.gateway.call.values import Answer
from pointsman.gateway.errands import read_reply
from pointsman.http1 import EventSplitter, iter_events
from pointsman.routing.cascade.reply import Reply, reply_of
from pointsman.routing.decision import Decision
from pointsman.routing.labels.kept import Mark, Prompt

from .keeping import LabelKeeper
from .metrics import LabelMetrics, Skipped
from .shadow_work import Given, Had, ShadowWork, Unlabelled

_log = logging.getLogger("pointsman.shadows")

MOST = 64
"""Requests that are shadowed at a time."""
GRACE = 5.0
"""Seconds that those under way have to come to their end when the gateway stops: they are mostly paid for."""
MOST_BYTES = 1_000_000
"""Of a request, and of its answer."""


Graded = Callable[[Decision, Mapping[str, float]], None]
"""Scores by model."""


class Shadowed(msgspec.Struct, frozen=True):
    """A route whose requests are drawn from."""

    share: float
    work: ShadowWork
    keeps_features: bool


class Shadows:
    """For all routes of a gateway.

    Args:
        routes: by the name of ``[auto.NAME]``; those without shadows are not among them.
        random: a number in [0, 1).
    """

    def __init__(
        self,
        routes: Mapping[str, Shadowed],
        labels: LabelKeeper,
        metrics: LabelMetrics,
        random: Random,
    ) -> None:
        self._routes = routes
        self._labels = labels
        self._metrics = metrics
        self._random = random
        self.graded: Graded | None = None
        """Told of the scores of each request that was answered by others too."""
        self._jobs: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def drawn_from(self) -> bool:
        """There are routes with shadows."""
        return bool(self._routes)

    async def watch(self, call: Call, answer: Answer) -> Answer:
        """The answer, on its way to the client. If this request is drawn, others get it too. Those whose
        model the caller pinned are not among those that a route decides on, and so not drawn."""
        chosen = call.chosen
        if chosen is None or answer.status != 200 or chosen.decision.reason == "pinned":
            return answer
        route = self._routes.get(chosen.decision.route)
        if route is None or self._random() >= route.share:
            return answer
        reason = self._unfit(call, chosen)
        if reason is not None:
            self._metrics.skip(chosen.decision.route, reason)
        elif isinstance(answer.body, bytes):
            self._begin(call, chosen, route, [answer.body], streamed=False)
        else:
            copied = self._overhear(call, chosen, route, answer.body)
            await anext(copied)  # begun: closing it closes the stream, even if nobody comes to read it
            answer.body = copied
        return answer

    async def drain(self) -> None:
        """Wait until nothing is under way any more."""
        while self._jobs:
            await asyncio.wait(self._jobs)

    async def close(self) -> None:
        """Begin nothing more, and give up what takes too long to end. What it has cost by then is booked."""
        self._closed = True
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=GRACE)
        jobs = list(self._jobs)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def _unfit(self, call: Call, chosen: Chosen) -> Skipped | None:
        peek, body = call.peek, call.arrival.body
        if self._closed:
            return "closed"
        if len(self._jobs) >= MOST:
            return "busy"
        if chosen.sample is None or peek is None:
            return "unreadable"
        if len(body) > MOST_BYTES:
            return "too_long"
        return ungradable(peek, chosen.sample, body)

    async def _overhear(
        self, call: Call, chosen: Chosen, route: Shadowed, stream: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        """The stream, behind an empty piece, and kept as it goes by."""
        pieces: list[bytes] = []
        size = 0
        try:
            yield b""
            async for piece in stream:
                size += len(piece)
                if size <= MOST_BYTES:
                    pieces.append(piece)
                yield piece
        finally:
            await stream.aclose()
            if size > MOST_BYTES:
                self._metrics.skip(chosen.decision.route, "too_long")
            else:
                self._begin(call, chosen, route, pieces, streamed=True)

    def _begin(
        self, call: Call, chosen: Chosen, route: Shadowed, pieces: list[bytes], *, streamed: bool
    ) -> None:
        if self._closed:
            self._metrics.skip(chosen.decision.route, "closed")
            return
        job = asyncio.ensure_future(self._shadow(call, chosen, route, pieces, streamed=streamed))
        self._jobs.add(job)  # a loop keeps no task alive by itself
        job.add_done_callback(self._jobs.discard)

    async def _shadow(
        self, call: Call, chosen: Chosen, route: Shadowed, pieces: list[bytes], *, streamed: bool
    ) -> None:
        name = chosen.decision.route
        try:
            had = self._had(call, chosen, pieces, streamed=streamed)
            try:
                marks = await route.work.labels(had)
            except Unlabelled as unlabelled:
                self._metrics.skip(name, unlabelled.reason)
                marks = await route.work.own_label(had) if unlabelled.reason == "budget" else []
            else:
                self._metrics.shadowed[name] += 1
                if self.graded is not None:
                    self.graded(chosen.decision, {mark.model: mark.score for mark in marks})
            if marks:
                await self._keep(had, marks, keeps_features=route.keeps_features)
        except Unlabelled as unlabelled:
            self._metrics.skip(name, unlabelled.reason)
        except asyncio.CancelledError:
            self._metrics.skip(name, "closed")
            raise
        except Exception as error:  # noqa: BLE001 - nobody waits for this: the log is told
            self._metrics.skip(name, "broken")
            known = isinstance(error, PointsmanError)
            _log.warning(
                "a shadow of request %s failed: %s", call.arrival.request_id, error, exc_info=not known
            )

    def _had(self, call: Call, chosen: Chosen, pieces: list[bytes], *, streamed: bool) -> Had:
        peek, sample, route = call.peek, chosen.sample, call.route
        assert peek is not None and sample is not None, "looked at before"
        if not call.settled or call.outcome != "ok" or route is None:
            raise Unlabelled("no_answer")
        position = chosen.pool.position_of(route)
        if position is None:
            raise Unlabelled("fallback")
        model = chosen.decision.models[position]
        if streamed:
            reply = read_stream(call, pieces, model)
        else:
            reply = read_reply(call.arrival.face, pieces[0], model)
        if reply is None or reply.calls:
            raise Unlabelled("unreadable")
        answered = next((r for r in call.attempts if r.route is route and r.outcome == "ok"), None)
        if answered is None:
            raise Unlabelled("no_answer")
        given = Given(reply, answered.usage, answered.cost, call.arrival.request_id)
        return Had(call.arrival, peek, chosen, sample, model, given)

    async def _keep(self, had: Had, marks: list[Mark], *, keeps_features: bool) -> None:
        arrival, decision = had.arrival, had.chosen.decision
        features = had.chosen.features(had.sample) if keeps_features else None
        prompt = Prompt(arrival.request_id, decision.route, arrival.key.tenant, arrival.at_us, features)
        await self._labels.put(prompt, marks)


def read_stream(call: Call, pieces: list[bytes], model: str) -> Reply | None:
    """The answer that went by; None where it cannot be read, broke off, or calls tools."""
    decoder, splitter, heard = call.arrival.face.stream_decoder(), EventSplitter(), Heard()
    stop = Stop.OTHER
    try:
        for block in (*(splitter.feed(piece) for piece in pieces if piece), splitter.rest()):
            for name, data in iter_events(block):
                for event in decoder.feed(name, data):
                    heard.see(event)
                    if isinstance(event, StreamEnd):
                        stop = event.stop
    except (PointsmanError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not decoder.ended or heard.foreign:
        return None
    return reply_of(Response("", model, (Text(heard.text),), Stop.REFUSAL if heard.refused else stop), model)
