"""Cascade: cheap models first, and the baseline for what they say if it cannot be believed.

The cheap calls are made whole, side by side, and nothing of them reaches the client until one is accepted;
then a client that streams gets it as a stream. Each call has its own place in the limits, and is booked
whatever becomes of it. A cheap call is never tried again and never waits in a queue: the baseline is there.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.dialects.base import Peek
from pointsman.errors import RequestError, UpstreamUnreachable
from pointsman.gateway.attempts.hedging import repeatable
from pointsman.gateway.attempts.sending import Account, Sender
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.chosen import Chosen
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.respond import answer_headers
from pointsman.gateway.call.values import Answer, Route, header_value
from pointsman.gateway.flow.flow import Flow
from pointsman.gateway.flow.waiting import MustWait
from pointsman.gateway.stream.as_stream import as_stream
from pointsman.routing.cascade import Accept, Asked, Escalate, Verdict

from .cascades import Cascade
from .cheap_calls import CheapCall, CheapCalls

_JSON = b"application/json"
_EVENTS = b"text/event-stream; charset=utf-8"
_NOT_ONE = (("n", b"1"), ("best_of", b"1"))
_NOT_STREAMED = ("logprobs", "audio", "modalities")
"""What would be lost where a whole answer becomes a stream."""


class Cascading:
    """For all requests of a gateway.

    Args:
        cascades: by name of the route.
        account: books a whole request.
        announces: streams can be told that they wait.
    """

    def __init__(
        self,
        cascades: Mapping[str, Cascade],
        calls: CheapCalls,
        sender: Sender,
        flow: Flow,
        clock: Clock,
        account: Account,
        *,
        announces: bool,
    ) -> None:
        self._cascades = cascades
        self._calls = calls
        self._sender = sender
        self._flow = flow
        self._clock = clock
        self._account = account
        self._announces = announces

    async def answer(self, call: Call, chosen: Chosen) -> Answer | None:
        """The answer of a cheap model that is believed; None: the baseline shall answer.

        Raises:
            MustWait: it may take a while, and the client of a stream should be told so.
            PointsmanError: the client has gone, or attempts cannot be kept.
        """
        cascade = self._cascades[chosen.decision.route]
        try:
            verdict = await self._ask(call, chosen, cascade)
        except BaseException as error:
            for record in call.attempts:  # what could not be booked where it ran
                self._sender.lose(call, record, error)
            raise
        if isinstance(verdict, Escalate):
            self._note(chosen, verdict, None)
            return None
        return self._give(call, chosen, *verdict)

    async def _ask(self, call: Call, chosen: Chosen, cascade: Cascade) -> tuple[CheapCall, Accept] | Escalate:
        asked = self._asked(call, chosen)
        idle = asked if isinstance(asked, Escalate) else cascade.rule.before(asked)
        if idle is None and call.streams and self._announces and not call.may_wait:
            raise MustWait
        plans, chosen.first = chosen.first, ()
        if isinstance(asked, Escalate):
            return asked
        if idle is not None:
            return idle
        ended = await self._calls.make(call, cascade, plans)
        if isinstance(ended, Escalate):
            return ended
        verdict = cascade.rule.decide(asked, [each.reply for each in ended])
        if isinstance(verdict, Accept):
            return ended[verdict.index], verdict
        if call.arrival.leave.gone:
            raise UpstreamUnreachable("The caller left before there was an answer.")
        self._calls.keep(ended)
        return verdict

    def _asked(self, call: Call, chosen: Chosen) -> Asked | Escalate:
        """What the rules see of the request; or why it is none for several models."""
        peek = call.peek
        assert peek is not None
        if (why := _unfit(peek)) is not None:
            return Escalate("nothing_to_check", why)
        try:
            request = call.request
        except RequestError:  # something that the hub has no word for: its provider may have
            return Escalate("nothing_to_check", "the request cannot be read")
        judgement, first = chosen.decision.judgement, chosen.pool.auto.first[0]
        return Asked(request, None if judgement is None else judgement.losses[first])

    def _give(self, call: Call, chosen: Chosen, cheap: CheapCall, verdict: Accept) -> Answer:
        record, whole = cheap.record, cheap.whole
        assert whole is not None, "nothing else is accepted"
        call.route, call.first_byte = record.route, self._clock.monotonic()
        self._note(chosen, verdict, record.route)
        self._account(call, 200, "cut" if call.arrival.leave.gone else "ok")
        if not call.streams:
            return Answer(200, answer_headers(call, record, _JSON), whole.body)
        face = call.arrival.face
        stream = as_stream(face.decode_response(whole.body), face.stream_encoder(call.request))
        return Answer(200, answer_headers(call, record, _EVENTS), stream)

    def _note(self, chosen: Chosen, verdict: Verdict, route: Route | None) -> None:
        decision, said = chosen.decision, "accepted" if isinstance(verdict, Accept) else "escalated"
        position = None if route is None else chosen.pool.position_of(route)
        chosen.decision = decision = msgspec.structs.replace(
            decision,
            position=decision.position if position is None else position,
            cascade=f"{said}:{verdict.because}",
        )
        name, header = chosen.header
        chosen.header = (name, header + header_value(f"; cascade={said}; because={verdict.because}"))
        self._flow.counted.cascaded(decision.route, verdict.because, accepted=isinstance(verdict, Accept))


def _unfit(peek: Peek) -> str | None:
    """Why it is no request to be put to several models; None if it is one."""
    if not repeatable(peek):
        return "the request does more than ask"
    fields = peek.fields
    if any(name in fields and bytes(fields[name]) not in (one, b"null") for name, one in _NOT_ONE):
        return "several answers are asked for"
    if peek.stream and any(
        name in fields and bytes(fields[name]) not in (b"false", b"null") for name in _NOT_STREAMED
    ):
        return "a whole answer could not be streamed with all that is asked for"
    return None
