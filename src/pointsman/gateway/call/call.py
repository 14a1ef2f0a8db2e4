"""One request on its way: what was decided and what has happened so far. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pointsman.chat import Request, Usage
from pointsman.costs import PicoUsd
from pointsman.dialects.base import Delivered, Encoded, Peek
from pointsman.errors import PointsmanError, RequestError
from pointsman.gateway.stream.pipes import Crossing, Pipe
from pointsman.http1 import HttpRequest
from pointsman.ledger.entry import Entry
from pointsman.limits import Place, Reservation
from pointsman.providers import request_headers
from pointsman.tokens import Learned, count_text, request_tokens

from .account import AttemptRecord, cut_usage, make_entry, unseen_stream, unseen_whole
from .candidates import Candidates
from .chosen import Chosen
from .encoding import encode_body
from .passage import Passage
from .values import Arrival, Plan, Route

if TYPE_CHECKING:
    from pointsman.caching.semantic.asked import Likeness
    from pointsman.gateway.flights.flight import Rider
    from pointsman.gateway.semantic.metrics import Match


Record = Callable[[Entry], None]
"""Puts an entry into the books."""


class Call(msgspec.Struct, eq=False):
    """Holds a request between the steps of the journey. One per request, never shared."""

    __repr__ = object.__repr__  # msgspec's would show the client's headers, and so its key

    arrival: Arrival
    attempts: list[AttemptRecord] = []
    peek: Peek | None = None
    plan: Plan | None = None
    route: Route | None = None
    """Where the next attempt goes, or the last one went."""
    streams: bool = False
    status: int = 0
    outcome: str = ""
    error: str = ""
    cost: PicoUsd | None = None
    """Known once settled, if at all."""
    first_byte: float | None = None
    settled: bool = False
    ways: Candidates | None = None
    """Where it can go; None until it is sent for the first time."""
    key_hold: Reservation | None = None
    """What is held of the limits of its key, from the first attempt to the end of the last."""
    queued_us: int = 0
    """How long it has waited for room in limits."""
    place: Place | None = None
    """Where it stands in the queue, while it waits."""
    may_wait: bool = False
    """It is known that it may have to wait, and seen to that its client is told."""
    announced: bool = False
    """The head of its stream has left before anything of an answer was there."""
    chosen: Chosen | None = None
    """Which model of a pool was chosen and why, where the caller left it to us."""
    failure: PointsmanError | None = None
    """What it was refused with."""
    cache: str = ""
    """What the cache did: one of the ledger's words for it; "" where nothing is cached."""
    source: str = ""
    """The request whose answer is given, where it is another one."""
    saved: PicoUsd | None = 0
    """What that saved; None: not known."""
    keep_as: bytes = b""
    """The key under which its answer is kept; b"": it is not."""
    keep_believed_as: bytes = b""
    """The same for the answer of a cheap model that a cascade believes."""
    keep_translated_as: bytes = b""
    """The same for one that lost something on the way through another dialect."""
    answered: str = ""
    """The model whose answer is given again, where that is done."""
    keep_for: float = 0.0
    """Seconds."""
    tags: tuple[str, ...] = ()
    """Under which it can be forgotten."""
    likeness: Likeness | None = None
    """What its question is like, where the answer may be given to similar ones."""
    match: Match | None = None
    """Why it is given the answer to another question."""
    rider: Rider | None = None
    """Its place in a flight, where it shares the answer to an equal request."""
    made: Call | None = None
    """The call that is made there, for this one or another."""
    booking: Callable[[Entry, Record], None] | None = None
    """Is given its entry instead of the ledger, and records it: changed, or later."""
    _request: Request | None = None
    _encoded: Encoded | None = None
    _encoded_for: Route | None = None

    def decide(self, peek: Peek, plan: Plan) -> None:
        """What is asked for and what shall be done with it."""
        self.peek = peek
        self.plan = plan
        self.route = plan.route
        self.streams = peek.stream

    @property
    def request(self) -> Request:
        """The client's request in the hub; decoded when first needed, since most requests never are."""
        if self._request is None:
            self._request = self.arrival.face.decode_request(self.arrival.body)
        return self._request

    def encode(self) -> Encoded:
        """The body for the provider at ``route``; the same for each attempt there."""
        route, encoded = self.route, self._encoded
        if encoded is not None and self._encoded_for is route:
            return encoded
        peek, plan = self.peek, self.plan
        assert peek is not None and plan is not None and route is not None, "planned before it is encoded"
        self._encoded_for = route
        self._encoded = encoded = encode_body(self.arrival, peek, self._hub_request, route, plan.defaults)
        return encoded

    def send_instead(self, body: bytes) -> None:
        """Other bytes than those of ``encode``, at the same route."""
        self._encoded = msgspec.structs.replace(self.encode(), body=body)

    def leg(self, body: bytes) -> Call:
        """The same request with another body, for the rest of its answer. It shares the attempts."""
        return msgspec.structs.replace(
            self,
            arrival=msgspec.structs.replace(self.arrival, body=body),
            peek=self.arrival.face.peek(body),
            _request=None,
            _encoded=None,
            _encoded_for=None,
        )

    def _hub_request(self) -> Request:
        return self.request

    def take_place(self, place: Place) -> None:
        self.place = place

    def open_attempt(self, now: float, passage: Passage | None = None) -> AttemptRecord:
        """An attempt at ``route``."""
        encoded, attempts, route = self.encode(), self.attempts, self.route
        assert route is not None
        crosses = route.dialect is not self.arrival.face
        number = len(attempts) + 1
        record = AttemptRecord(
            number, route, now, encoded.body, encoded.headers, encoded.dropped, crosses, passage
        )
        attempts.append(record)
        return record

    def http_request(self, record: AttemptRecord) -> HttpRequest:
        """What goes over the wire for this attempt."""
        route, arrival = record.route, self.arrival
        headers = request_headers(
            route.provider,
            client_headers=arrival.headers,
            request_id=arrival.request_id,
            attempt=record.number,
            extra=record.sent_headers,
        )
        url = route.url if record.crosses or not arrival.query else f"{route.url}?{arrival.query}"
        return HttpRequest("POST", url, headers, record.sent_body)

    def pipe(self, record: AttemptRecord) -> Pipe:
        """A fresh pipe for a stream of the provider."""
        face, dialect, peek = self.arrival.face, record.route.dialect, self.peek
        assert peek is not None
        if not record.crosses:
            return dialect.tap(strip_usage=not peek.wants_stream_usage, count_tokens=count_text)
        return Crossing(
            dialect.stream_decoder(),
            face.stream_encoder(self.request),
            face,
            self.arrival.request_id,
            count_text,
            created=self.arrival.at_us // 1_000_000,
        )

    def estimate(
        self, record: AttemptRecord, ratios: Learned, now: float, error: BaseException | None
    ) -> Usage:
        """Usage of an attempt that the provider did not report: never below what it bills.

        Args:
            error: how the answer ended; None if all that was sent has been seen.
        """
        name, pipe = record.route.name, record.pipe
        if pipe is None:
            delivered, unseen = None, unseen_whole(now - record.started)
        else:
            seen = pipe.delivered()
            # what was learned of other answers (calls of tools, say) takes nothing from what went by here
            output = max(seen.output_tokens, ratios.upper(f"{name} output", seen.output_tokens))
            delivered, unseen = Delivered(output_tokens=output, usage=seen.usage), 0
            if error is not None and not getattr(error, "seen_all", False):
                since = now - (record.started if record.first_at is None else record.first_at)
                unseen = unseen_stream(output, since, lost=not self.arrival.leave.gone)
        prompt = 0
        if delivered is None or delivered.usage is None:
            prompt = ratios.upper(name, _prompt_tokens(record))
        return cut_usage(prompt, delivered, min(unseen, self._room(record, delivered)))

    def _room(self, record: AttemptRecord, delivered: Delivered | None) -> int:
        """Tokens that the answer could still have had."""
        peek, model = self.peek, record.route.model
        limits = (peek.max_output if peek else None, model.max_output if model else None)
        most = min((limit for limit in limits if limit is not None), default=10**9)
        return max(0, most - (0 if delivered is None else delivered.output_tokens))

    @property
    def requested(self) -> str:
        """The model as it was asked for."""
        if (errand := self.arrival.errand) is not None:
            return errand.requested
        return "" if self.peek is None else self.peek.model

    def entry(self, now: float) -> Entry:
        attempts = tuple([record.freeze() for record in self.attempts])
        peek = self.peek
        return make_entry(
            self.arrival,
            requested=self.requested,
            stream=peek is not None and peek.stream,
            attempts=attempts,
            route=self.route,
            status=self.status,
            outcome=self.outcome,
            error=self.error,
            ttft=self.first_byte,
            now=now,
            queued_us=self.queued_us,
            cache=self.cache,
            source=self.source,
            saved=self.saved,
            answered=self.answered,
        )


def _prompt_tokens(record: AttemptRecord) -> int:
    """An estimate of what was sent. What passes through may hold what only its provider knows: then it is
    one token for two bytes, which no language needs in the mean."""
    try:
        return request_tokens(record.route.dialect.decode_request(record.sent_body))
    except RequestError:
        return (len(record.sent_body) + 1) // 2
