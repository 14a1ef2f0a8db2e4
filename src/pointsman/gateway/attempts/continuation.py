"""Continuation: another deployment goes on with a stream that broke after something of it was forwarded, on
routes with ``continue_streams = true``.

It gets what was said as the beginning of its answer, so its model must allow a prefill; where nothing was
said yet, any will do. All attempts are booked. Where the rest would not be one answer with the beginning
(tools called, thoughts not ended, several answers side by side, schemas) the stream ends with an error, as it
does everywhere else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

import msgspec

from pointsman.dialects.base import StreamEncoder
from pointsman.dialects.openai_chat.resume import with_prefix
from pointsman.errors import PointsmanError, RequestError
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.candidates import Candidates
from pointsman.gateway.call.overheard import Heard, Overheard
from pointsman.gateway.call.passage import Passage
from pointsman.gateway.call.ports import Clock, OpenCalls, Random
from pointsman.gateway.call.under_way import failed_call
from pointsman.gateway.call.values import Route
from pointsman.gateway.flow.flow import Flow
from pointsman.gateway.stream.pipes import Crossing
from pointsman.tokens import count_text

from .sending import Account, Begun, Sender
from .woven import Woven, at_the_break, the_end


class Continuation:
    """For all requests of a gateway."""

    def __init__(
        self,
        sender: Sender,
        flow: Flow,
        clock: Clock,
        random: Random,
        account: Account,
        turn_to: Callable[[Call, Route], None],
        begin: Callable[[Call, Passage], AttemptRecord],
        open_calls: OpenCalls | None,
    ) -> None:
        """
        Args:
            account: books a whole request, once its last attempt is settled.
            turn_to: makes a call ready for a route.
            begin: opens an attempt, and keeps it.
        """
        self._sender = sender
        self._flow = flow
        self._clock = clock
        self._random = random
        self._account = account
        self._turn_to = turn_to
        self._begin = begin
        self._open_calls = open_calls

    async def stream(
        self, call: Call, record: AttemptRecord, begun: Begun, pipe: Overheard
    ) -> AsyncGenerator[bytes, None]:
        """Everything for the client, over as many attempts as it takes, after an empty piece. Books all of it
        whichever way this ends, once that piece was taken."""
        leg = _Leg(call, record, begun, pipe)
        outcome = "cut"
        try:
            yield b""
            while True:
                rest = leg.begun.relay.rest(leg.begun.first)
                await anext(rest)
                try:
                    async for piece in rest:
                        yield piece
                finally:
                    await rest.aclose()
                    outcome = leg.begun.relay.outcome or outcome
                error = leg.begun.relay.error
                if error is None:
                    return
                outcome = "cut"  # if it is cancelled meanwhile
                following = await self._next(call, leg, error)
                if isinstance(following, _Leg):
                    leg = following
                    continue
                if call.arrival.leave.gone:
                    leg.call.error = ""
                elif following is None:
                    outcome = leg.begun.relay.outcome
                    yield leg.pipe.withheld or call.arrival.face.encode_stream_error(
                        error, call.arrival.request_id
                    )
                else:
                    outcome, leg.call.error = "ok", ""
                    yield following
                return
        finally:
            call.error, call.route = leg.call.error, leg.record.route
            call.failure = leg.call.failure if call.error else None
            self._account(call, 200, outcome)

    async def _next(self, call: Call, leg: _Leg, error: PointsmanError) -> _Leg | bytes | None:
        """Who goes on from the break; or the end that is missing; or None, where nobody can go on."""
        ways, heard, sent = call.ways, leg.pipe.heard, True
        assert ways is not None, "sent before it broke"
        if leg.pipe.ended:
            return None
        leg.pipe.listen_to_the_end()
        broken: tuple[Call, AttemptRecord] | None = (leg.call, leg.record)
        rest = self._rest(call, heard)
        if not isinstance(rest, _Rest):
            return rest
        while not call.arrival.leave.gone and self._move(ways, error, rest, sent=sent):
            record = None
            # what one that fails has said, the client has not heard
            told, request = heard.copy(), call.leg(rest.body)
            try:
                if self._open_calls is not None and broken is not None:
                    self._open_calls.amend(failed_call(*broken))
                broken = None
                passage = await self._enter(request, ways, rest)
                record = self._begin(request, passage)
                encoder = Woven(rest.encoder(), told, rest.echo, count_text)
                pipe = Overheard(
                    self._crossing(request, record, encoder), told, None, raw=False, withholds=True
                )
                return _Leg(request, record, await self._sender.resume(request, record, pipe), pipe)
            except PointsmanError as failure:
                if record is not None:
                    self._sender.fail(request, record, failure)
                    broken = (request, record)
                error, sent = failure, record is not None
            except BaseException as failure:
                if record is not None:
                    self._sender.lose(request, record, failure)
                raise
        return None

    def _rest(self, call: Call, heard: Heard) -> _Rest | bytes | None:
        """What is to be asked for; or the end, where nothing is; or None, where it cannot be asked for."""
        peek, plan, arrival = call.peek, call.plan, call.arrival
        assert peek is not None and plan is not None, "planned before it was sent"
        if not heard.sound:
            return None
        try:
            request = call.request
        except RequestError:
            return None  # it passed through, and what it asks for only its provider understands

        def encoder() -> StreamEncoder:
            return at_the_break(arrival.face, request, heard, arrival.at_us // 1_000_000)

        cap = peek.max_output
        if cap is None and plan.defaults:
            cap = plan.defaults.get("max_output")
        left = None if cap is None else cap - heard.tokens(count_text)
        if heard.last or heard.end is not None or (left is not None and left < 1):
            return the_end(encoder(), heard, count_text)
        text = heard.text
        said = text.rstrip()
        body = arrival.face.resume(arrival.body, peek, said, left if heard.spoken else None)
        return None if body is None else _Rest(body, bool(said), text[len(said) :], encoder)

    def _move(self, ways: Candidates, error: PointsmanError, rest: _Rest, *, sent: bool) -> bool:
        before, now = ways.route, self._clock.monotonic()
        moved = ways.go_on(error, self._flow.health, now, self._random(), rest.suits, sent=sent)
        if moved and ways.route is before:
            self._flow.counted.retried(before.deployment)
        elif moved:
            self._flow.counted.fell_back(before.deployment, ways.route.deployment)
        return moved

    async def _enter(self, call: Call, ways: Candidates, rest: _Rest) -> Passage:
        route = ways.route
        marked = rest.said and bool(route.provider.prefix_at)
        if marked:
            route = msgspec.structs.replace(route, url=route.provider.prefix_url(route.dialect.path))
        self._turn_to(call, route)
        if marked:
            call.send_instead(with_prefix(call.encode().body))
        flow = self._flow
        return flow.try_enter(call, ways) or await flow.ask(call, ways) or await flow.enter(call, ways)

    def _crossing(self, call: Call, record: AttemptRecord, encoder: StreamEncoder) -> Crossing:
        arrival = call.arrival
        return Crossing(
            record.route.dialect.stream_decoder(),
            encoder,
            arrival.face,
            arrival.request_id,
            count_text,
            created=arrival.at_us // 1_000_000,
        )


class _Leg(msgspec.Struct, frozen=True):
    """One attempt of a stream, and what it was asked for."""

    call: Call
    record: AttemptRecord
    begun: Begun
    pipe: Overheard


class _Rest(msgspec.Struct, frozen=True):
    """What is still to be said."""

    body: bytes
    """The request for it, in the caller's dialect."""
    said: bool
    """It goes on from a beginning."""
    echo: str
    encoder: Callable[[], StreamEncoder]

    def suits(self, route: Route) -> bool:
        return not self.said or (route.model is not None and route.model.capabilities.prefill is True)
